// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A folder of a web server that shows listings, to read from.
///
/// Listings are HTML (nginx, Apache and their like) or nginx's JSON, which is better: it states size and time exactly, so
/// that no file has to be asked for one by one. A file's generation is its strong ETag where that says more than size and
/// time, else these two. Files whose names the server hides (a leading dot, often) are not seen.
public struct HTTPStore: TreeStore {
    private let files: HTTPFiles
    var tree: RemoteTree { RemoteTree(files: files) }

    /// - Parameter url: `http://HOST[:PORT]/PATH` or `https://…`, percent-encoded.
    public init(_ url: String, access: ServerAccess, engine: CurlEngine = .shared) throws(GranaryError) {
        let scheme = url.lowercased().hasPrefix("https:") ? "https" : "http"
        files = HTTPFiles(try RemotePlace(url, scheme: scheme, access: access, engine: engine))
    }

    public func entry(at path: BytePath) async throws -> StoreEntry? {
        try tree.check(path)
        let answer = try await files.head(path)
        switch answer.status {
        case 200:
            guard let status = RemoteStatus(answer, from: 0) else { throw GranaryError.untold(path) }
            return status.entry(at: path)
        case 404, 410: return nil
        case 301, 302, 307,
            308 where answer.header("Location")?.hasSuffix("/") == true:
            return StoreEntry(path: path, kind: .directory, size: 0, modified: Timestamp(seconds: 0), generation: "")
        default: throw httpFault(answer, doing: "look at", subject: files.subject(path))
        }
    }

    public func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {
        try tree.check(path)
        guard let wanted = RemoteStatus(generation: generation), offset <= wanted.size else {
            throw GranaryError.changed(path)
        }
        if offset < wanted.size { try await send(path, wanted, from: offset, to: sink) }
        // A file that is written over in place while it is sent shows it only afterwards.
        guard try await files.look(at: path)?.generation == generation else { throw GranaryError.changed(path) }
    }

    private func send(_ path: BytePath, _ wanted: RemoteStatus, from offset: Int64, to sink: any ByteSink) async throws
    {
        let guarded = GuardedSink(sink, path, expecting: wanted.size - offset)
        do {
            try await files.fetch(path, from: offset, of: wanted, to: guarded) { status in
                guard status.generation == wanted.generation else { throw GranaryError.changed(path) }
            }
        } catch let error as GranaryError where [.notFound, .sourceChanged].contains(error.code) {
            throw GranaryError.changed(path)
        }
        try guarded.finish()
    }

    /// Always `access.denied`: nothing is removed from a listing.
    public func remove(_ path: BytePath, generation: String) async throws -> Bool {
        try tree.check(path)
        throw GranaryError.readOnly(path, location)
    }
}

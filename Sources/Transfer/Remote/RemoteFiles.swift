// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// The few things that a protocol for files can do. `RemoteTree` makes a store of them.
///
/// Paths are below the root and have been checked; the empty one is the root.
protocol RemoteFiles: Sendable {
    var place: RemotePlace { get }
    var framing: LineSplitter.Framing { get }

    /// True when the protocol can say this name at all.
    func canSay(_ path: BytePath) -> Bool

    /// Every line of a directory's listing. Throws `not.found` when there is no such directory.
    func list(_ directory: BytePath, into sink: any ByteSink) async throws

    func name(of line: [UInt8]) throws -> ListedName?

    /// A file by its name, nil when nothing is there. Links are followed by the server.
    func look(at path: BytePath) async throws -> RemoteStatus?

    /// Sends a file's bytes from an offset on, once `check` agrees with what the server says of the whole.
    func fetch(
        _ path: BytePath, from offset: Int64, to sink: any ByteSink,
        check: @escaping @Sendable (RemoteStatus) throws -> Void
    ) async throws

    func delete(_ path: BytePath) async throws
}

/// A root on a server, as its URL names it.
struct RemotePlace: Sendable {
    /// `sftp://host:port`.
    let origin: String
    /// For people and for URIs; no trailing slash.
    let location: String
    /// The path of the URL, decoded, with its first slash and without its last.
    let root: [UInt8]
    let access: ServerAccess
    let engine: CurlEngine

    /// Throws `configuration.invalid` for what is no URL of that scheme.
    init(_ url: String, scheme: String, access: ServerAccess, engine: CurlEngine) throws(GranaryError) {
        let parsed: TransferURL
        do {
            parsed = try TransferURL(url)
        } catch {
            throw .badPlace(url, scheme)
        }
        let path = parsed.text.dropFirst(scheme.count + 3).drop { $0 != "/" }
        guard parsed.scheme == scheme, !parsed.text.contains("?"), !parsed.text.contains("#"),
            var root = percentDecoded(path), !root.contains(where: { $0 < 0x20 })
        else { throw .badPlace(url, scheme) }
        // Of ftp, `//` is the server's own root.
        while root.last == slash, root != [slash, slash] { root.removeLast() }
        let host = parsed.host.contains(":") ? "[\(parsed.host)]" : parsed.host
        origin = "\(scheme)://\(host):\(parsed.port)"
        location = String(parsed.text.dropTrailing("/"))
        self.root = root
        self.access = access
        self.engine = engine
    }

    /// The full path of something below the root.
    func path(_ path: BytePath) -> [UInt8] { path.bytes.isEmpty ? root : root + [slash] + path.bytes }

    /// Nothing in a name means anything to curl (`;type=`, `?`, `#`).
    func request(_ path: [UInt8]) -> TransferRequest {
        TransferRequest(origin + percentEncoded(path, keeping: .path), access: access)
    }
}

private let slash = UInt8(ascii: "/")

extension String {
    fileprivate func dropTrailing(_ character: Character) -> Substring {
        var rest = self[...]
        while rest.last == character { rest.removeLast() }
        return rest
    }
}

extension GranaryError {
    fileprivate static func badPlace(_ url: String, _ scheme: String) -> GranaryError {
        GranaryError(
            .configurationInvalid, "'\(url)' is not a place to read files from by \(scheme).", subject: url,
            remedy: "Write \(scheme)://HOST[:PORT]/PATH, percent-encoded, with user and password beside it.")
    }
}

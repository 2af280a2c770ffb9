// SPDX-License-Identifier: Apache-2.0

package import GranaryCore
import Synchronization

/// What http can do for a store, by listings, HEAD and GET.
struct HTTPFiles: RemoteFiles {
    let place: RemotePlace
    let framing = LineSplitter.Framing.pieces
    private let trust = ListingTrust()

    init(_ place: RemotePlace) { self.place = place }

    func canSay(_ path: BytePath) -> Bool { !path.bytes.contains(0) }

    func list(_ directory: BytePath, into sink: any ByteSink) async throws {
        let path = place.path(directory) + [slash]
        let rule = LinkRule(origins: origins, directory: path)
        let begun = Mutex<HTTPListing?>(nil)
        let answer = try await place.engine.download(place.request(path)) { answer in
            guard answer.status == 200 else { return nil }
            let listing = try HTTPListing(answer, rule, into: sink)
            begun.withLock { $0 = listing }
            return listing
        }
        guard let listing = begun.withLock({ $0 }) else {
            throw httpFault(answer, doing: "list", subject: subject(directory))
        }
        guard let first = try listing.finish(), !trust.isSettled else { return }
        let seen = try await look(at: directory.appending(BytePath(first.name)))
        trust.settle(first.status, against: seen)
    }

    func name(of line: [UInt8]) throws -> ListedName? {
        ListedLine(line)?.listed(isExact: trust.isExact)
    }

    /// What is bad about one file alone is `access.denied` here, so that a listing shows it and goes on.
    func look(at path: BytePath) async throws -> RemoteStatus? {
        let answer = try await head(path)
        if [404, 410].contains(answer.status) { return nil }
        if answer.status == 200 {
            guard let status = RemoteStatus(answer, from: 0) else { throw GranaryError.untold(path) }
            return status
        }
        var fault = httpFault(answer, doing: "look at", subject: subject(path))
        if fault.code == .redirectRefused || fault.disposition == .quarantine { fault.code = .denied }
        throw fault
    }

    func head(_ path: BytePath) async throws -> TransferAnswer {
        var request = place.request(place.path(path))
        request.method = "HEAD"
        return try await place.engine.exchange(request, limit: 0)
    }

    func fetch(
        _ path: BytePath, from offset: Int64, to sink: any ByteSink,
        check: @escaping @Sendable (RemoteStatus) throws -> Void
    ) async throws { try await fetch(path, from: offset, of: nil, to: sink, check: check) }

    /// - Parameter wanted: the generation that is asked for, so that a server may say at once that it is another.
    func fetch(
        _ path: BytePath, from offset: Int64, of wanted: RemoteStatus?, to sink: any ByteSink,
        check: @escaping @Sendable (RemoteStatus) throws -> Void
    ) async throws {
        var request = place.request(place.path(path))
        if offset > 0 { request.headers.append(TransferHeader("Range", "bytes=\(offset)-")) }
        if let condition = wanted?.condition { request.headers.append(condition) }
        let answer = try await place.engine.download(request) { answer in
            guard answer.status == 200 || (answer.status == 206 && offset > 0) else { return nil }
            guard let status = RemoteStatus(answer, from: offset) else { throw GranaryError.untold(path) }
            try check(status)
            if offset == 0 { sink.expect(answer.statedDigests) }
            return answer.status == 200 && offset > 0 ? SkippingSink(sink, skipping: offset) : sink
        }
        guard answer.status == 200 || answer.status == 206 else {
            throw httpFault(answer, doing: "fetch", subject: subject(path))
        }
    }

    func delete(_ path: BytePath) async throws { throw GranaryError.readOnly(path, place.location) }

    func subject(_ path: BytePath) -> String { place.location + (path.bytes.isEmpty ? "" : "/\(path)") }

    /// With the port, and without it where it is the protocol's own.
    private var origins: [String] {
        let standard = place.origin.hasPrefix("https:") ? ":443" : ":80"
        return [place.origin]
            + (place.origin.hasSuffix(standard) ? [String(place.origin.dropLast(standard.utf8.count))] : [])
    }
}

private let slash = UInt8(ascii: "/")

extension RemoteStatus {
    /// The header that asks for this generation and no other.
    fileprivate var condition: TransferHeader? {
        if let tag { return TransferHeader("If-Match", tag) }
        return modified.map { TransferHeader("If-Unmodified-Since", httpDateText($0)) }
    }
}

/// Whether what listings state of files is what the server says of each: found out once, by one file.
final class ListingTrust: Sendable {
    private let state = Mutex<Bool?>(nil)

    var isSettled: Bool { state.withLock { $0 != nil } }
    var isExact: Bool { state.withLock { $0 == true } }

    /// A file that has gone meanwhile settles nothing.
    func settle(_ listed: RemoteStatus?, against seen: RemoteStatus?) {
        guard let listed, let seen else { return }
        state.withLock { $0 = listed.generation == seen.generation }
    }
}

/// Lets go of the first bytes: of a server that sends the whole although it was asked for the rest.
package final class SkippingSink: ByteSink {
    private let sink: any ByteSink
    private let left: Mutex<Int64>

    package init(_ sink: any ByteSink, skipping count: Int64) {
        self.sink = sink
        left = Mutex(count)
    }

    package func hasRoom(orCall resume: @escaping @Sendable () -> Void) -> Bool { sink.hasRoom(orCall: resume) }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        let skipped = left.withLock { left in
            let skipped = min(left, Int64(bytes.count))
            left -= skipped
            return Int(skipped)
        }
        if skipped < bytes.count { try sink.write(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(skipped))) }
    }
}

extension GranaryError {
    static func readOnly(_ path: BytePath, _ location: String) -> GranaryError {
        GranaryError(
            .denied, "'\(path)' can't be removed from '\(location)': http listings are read only.",
            subject: path.description, remedy: "Let the watcher keep what it has read.", disposition: .quarantine)
    }
}

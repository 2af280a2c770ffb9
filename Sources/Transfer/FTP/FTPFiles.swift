// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Synchronization

/// What ftp can do, by libcurl.
///
/// Directories are entered (CWD) and listed without an argument, because servers read patterns and options out of
/// arguments; files are named by their whole path, which never begins with a letter that a command could take for more.
final class FTPFiles: RemoteFiles {
    let place: RemotePlace
    let framing = LineSplitter.Framing.lineBreaks
    private let dialect = Mutex<ListingDialect?>(nil)

    init(place: RemotePlace) { self.place = place }

    /// A name ends with its line.
    func canSay(_ path: BytePath) -> Bool { !path.bytes.contains { $0 < 0x20 || $0 == 0x7F } }

    func list(_ directory: BytePath, into sink: any ByteSink) async throws {
        var request = request(directory, isDirectory: true)
        request.isListing = true
        let dialect = try await settledDialect()
        request.listCommand = dialect.command
        let probe = dialect == .all ? ListingProbe(before: sink) : nil
        _ = try await place.engine.download(request) { _ in probe ?? sink }
        // Even an empty directory shows itself then. A data connection that breaks before the first byte may pass for one,
        // and to vsftpd a directory that may not be read is no error.
        if let probe, !probe.showsDots { throw GranaryError.cutListing(directory, place.location) }
    }

    func name(of line: [UInt8]) throws -> ListedName? {
        try dialect.withLock { $0 } == .facts ? MachineListing.name(of: line) : UnixListing.name(of: line)
    }

    func look(at path: BytePath) async throws -> RemoteStatus? {
        var request = request(path, isDirectory: false)
        request.isHead = true
        request.wantsModified = true
        do {
            // libcurl writes what it learnt as lines of headers, too.
            return try Self.status(try await place.engine.exchange(request, limit: 4096), from: 0, path)
        } catch let error as GranaryError where error.code == .notFound {
            return nil
        }
    }

    func fetch(
        _ path: BytePath, from offset: Int64, to sink: any ByteSink,
        check: @escaping @Sendable (RemoteStatus) throws -> Void
    ) async throws {
        var request = request(path, isDirectory: false)
        request.offset = offset
        request.wantsModified = true
        _ = try await place.engine.download(request) { answer in
            try check(try Self.status(answer, from: offset, path))
            return sink
        }
    }

    func delete(_ path: BytePath) async throws {
        var request = request(path.directory, isDirectory: true)
        request.isHead = true
        // Without the dot, `~` would be a home and not a name.
        request.preparedCommands = [Array("DELE ./".utf8) + path.name.bytes]
        _ = try await place.engine.exchange(request, limit: 4096)
    }

    private func request(_ path: BytePath, isDirectory: Bool) -> TransferRequest {
        let full = place.path(path)
        // After the URL's own slash: an absolute path, or one below where the login leads.
        let named = full.starts(with: [slash, slash]) ? full : [slash, dot] + (full.isEmpty ? [] : full)
        var request = place.request(isDirectory ? named + [slash] : named)
        request.changesDirectory = isDirectory
        return request
    }

    /// libcurl says how much is still to come.
    private static func status(
        _ answer: TransferAnswer, from offset: Int64, _ path: BytePath
    ) throws(GranaryError) -> RemoteStatus {
        guard let length = answer.length else { throw .untold(path) }
        return RemoteStatus(size: length &+ offset, modified: answer.modified.map { $0.microseconds / 1_000_000 })
    }
}

extension FTPFiles {
    /// Finds out once how this server lists: what it does with MLSD, and whether it knows `-a`.
    private func settledDialect() async throws -> ListingDialect {
        if let known = dialect.withLock({ $0 }) { return known }
        let found = try await findDialect()
        dialect.withLock { $0 = found }
        return found ?? .plain
    }

    /// Nil when it can't be told: the folder is empty, or seems to be because its listing was cut, twice.
    private func findDialect() async throws -> ListingDialect? {
        for candidate in [ListingDialect.facts, .all, .all] {
            let probe = ListingProbe()
            var request = request("", isDirectory: true)
            request.isListing = true
            request.listCommand = candidate.command
            do {
                _ = try await place.engine.download(request) { _ in probe }
                if candidate == .facts || probe.showsDots { return candidate }
                if !probe.isEmpty { return .plain }
            } catch let error as GranaryError where [.notFound, .denied, .requestRefused].contains(error.code) {
                // Not a word that this server knows; a folder that can't be listed at all shows itself afterwards.
                if candidate == .all { return .plain }
            }
        }
        return nil
    }
}

/// How a server is asked for a listing.
enum ListingDialect: Sendable {
    case facts
    /// Names that begin with a dot are shown only when asked for so.
    case all
    case plain

    var command: String {
        switch self {
        case .facts: "MLSD"
        case .all: "LIST -a"
        case .plain: "LIST"
        }
    }
}

/// Looks whether `-a` was taken for what it is: then the directory itself is among the names. Passes the bytes on.
private final class ListingProbe: ByteSink {
    private let sink: (any ByteSink)?
    private let state = Mutex((splitter: LineSplitter(.lineBreaks), showsDots: false, isEmpty: true))

    init(before sink: (any ByteSink)? = nil) { self.sink = sink }

    var showsDots: Bool { state.withLock { $0.showsDots } }
    var isEmpty: Bool { state.withLock { $0.isEmpty } }

    func hasRoom(orCall resume: @escaping @Sendable () -> Void) -> Bool { sink?.hasRoom(orCall: resume) ?? true }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            state.isEmpty = false
            guard !state.showsDots else { return }
            for line in try state.splitter.take(bytes) where (try? UnixListing.name(of: line))??.isDots == true {
                state.showsDots = true
            }
        }
        try sink?.write(bytes)
    }
}

extension GranaryError {
    fileprivate static func cutListing(_ directory: BytePath, _ location: String) -> GranaryError {
        GranaryError(
            .connectionLost,
            "The listing of '\(directory)' in '\(location)' ended before the directory itself was named: the connection "
                + "broke, or the user may not read it.",
            subject: directory.description,
            remedy: "Check the directory's permissions and the way to the server; it is listed again.",
            disposition: .retry(after: nil))
    }
}

private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")

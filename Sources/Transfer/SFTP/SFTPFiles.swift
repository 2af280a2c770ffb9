// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// What sftp can do, by libcurl.
struct SFTPFiles: RemoteFiles {
    let place: RemotePlace
    let framing = LineSplitter.Framing.pieces

    /// A name travels as bytes with their count, so every one can be said.
    func canSay(_ path: BytePath) -> Bool { true }

    func list(_ directory: BytePath, into sink: any ByteSink) async throws {
        var request = place.request(place.path(directory) + [slash])
        request.isListing = true
        _ = try await download(request) { _ in sink }
    }

    func name(of line: [UInt8]) throws -> ListedName? { try UnixListing.name(of: line) }

    func look(at path: BytePath) async throws -> RemoteStatus? {
        var request = place.request(place.path(path))
        request.isHead = true
        request.wantsModified = true
        do {
            return try Self.status(try await download(request) { _ in nil }, from: 0, path)
        } catch let error as GranaryError where error.code == .notFound {
            return nil
        }
    }

    func fetch(
        _ path: BytePath, from offset: Int64, to sink: any ByteSink,
        check: @escaping @Sendable (RemoteStatus) throws -> Void
    ) async throws {
        var request = place.request(place.path(path))
        request.offset = offset
        request.wantsModified = true
        _ = try await download(request) { answer in
            try check(try Self.status(answer, from: offset, path))
            return sink
        }
    }

    func delete(_ path: BytePath) async throws {
        var request = place.request(place.path(path.directory) + [slash])
        request.isHead = true
        request.isListing = true
        request.commands = [Array("rm ".utf8) + quoted(commandPath(path))]
        _ = try await download(request) { _ in nil }
    }

    /// libcurl calls a connection that breaks during the login a refused login, so only the second refusal is believed.
    private func download(_ request: TransferRequest, choose: @escaping BodyChoice) async throws -> TransferAnswer {
        do {
            return try await place.engine.download(request, choose: choose)
        } catch let error as GranaryError where error.code == .loginRefused {
            return try await place.engine.download(request, choose: choose)
        }
    }

    /// Commands know no `/~/`: a relative path begins at the user's home there.
    private func commandPath(_ path: BytePath) -> [UInt8] {
        let full = place.path(path)
        return full.starts(with: "/~/".utf8) ? Array(full.dropFirst(3)) : full
    }

    /// libcurl has no length for a file of none.
    private static func status(
        _ answer: TransferAnswer, from offset: Int64, _ path: BytePath
    ) throws(GranaryError) -> RemoteStatus {
        guard let modified = answer.modified else { throw .untold(path) }
        return RemoteStatus(size: (answer.length ?? 0) &+ offset, modified: modified.microseconds / 1_000_000)
    }
}

private let slash = UInt8(ascii: "/")

/// As libcurl reads a path in a command: in quotes, with `\` before quotes and before itself.
private func quoted(_ path: [UInt8]) -> [UInt8] {
    let escaped = path.flatMap {
        $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), $0] : [$0]
    }
    return [UInt8(ascii: "\"")] + escaped + [UInt8(ascii: "\"")]
}

extension GranaryError {
    static func untold(_ path: BytePath) -> GranaryError {
        GranaryError(
            .sourceUnreadable, "The server does not tell size and time of '\(path)'.", subject: path.description,
            remedy: "Have the server allow its files to be looked at (stat, SIZE, MDTM).",
            disposition: .retry(after: nil))
    }
}

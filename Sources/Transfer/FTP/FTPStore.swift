// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A folder on an ftp server, to read from.
///
/// TLS is demanded for commands and data unless `access.requiresTLS` is false. Listed by MLSD where the server knows it,
/// else by LIST, with a look at each file (SIZE, MDTM). A listing over plain ftp that a middlebox ends early between two
/// lines can't be told from a whole one; TLS can tell.
public struct FTPStore: Store {
    private let tree: RemoteTree

    /// - Parameter url: `ftp://HOST[:PORT]/PATH`; below the folder where the user is after login, `//PATH` below the root.
    public init(_ url: String, access: ServerAccess, engine: CurlEngine = .shared) throws(GranaryError) {
        var access = access
        // Servers want the data's TLS session to be that of its own control connection (vsftpd's `require_ssl_reuse`), and
        // libcurl keeps one session for each server.
        access.connections = access.requiresTLS ? 1 : min(access.connections, 8)
        let place = try RemotePlace(url, scheme: "ftp", access: access, engine: engine)
        tree = RemoteTree(files: FTPFiles(place: place))
    }

    public var location: String { tree.files.place.location }
    public var parallelReads: Int { tree.files.place.access.connections }
    public func entries() -> AsyncThrowingStream<[StoreEntry], any Error> { tree.entries() }
    public func entry(at path: BytePath) async throws -> StoreEntry? { try await tree.entry(at: path) }
    public func read(_ path: BytePath, limit: Int) async throws -> [UInt8] { try await tree.read(path, limit: limit) }

    public func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {
        try await tree.send(path, generation: generation, from: offset, to: sink)
    }

    public func remove(_ path: BytePath, generation: String) async throws -> Bool {
        try await tree.remove(path, generation: generation)
    }
}

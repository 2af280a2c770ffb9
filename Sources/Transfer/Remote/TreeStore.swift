// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// A store that is a tree on a server; each says only how its protocol is spoken and what it does otherwise.
protocol TreeStore: Store {
    var tree: RemoteTree { get }
}

extension TreeStore {
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

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A store of which never more is asked at a time, or in a second, than it shall bear.
///
/// A page of a listing, a look, a file read or sent, a removal count as one operation each; so does a whole batch of an
/// archive.
public struct BoundedStore<Base: Store>: Store {
    let base: Base
    private let gate: OperationGate
    private let pace: (any OperationPace)?
    private let concurrency: Int

    /// - Parameter perSecond: operations begun in a second; nil means any number.
    public init(
        _ base: Base, concurrency: Int, perSecond: Double? = nil, clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.base = base
        self.concurrency = max(1, concurrency)
        gate = OperationGate(concurrency)
        pace = perSecond.map { operationPace($0, clock) }
    }

    public var location: String { base.location }
    public var parallelReads: Int { min(base.parallelReads, concurrency) }
    public var showsWholeFiles: Bool { base.showsWholeFiles }

    public func entries() -> AsyncThrowingStream<[StoreEntry], any Error> {
        let pages = StorePages(base)
        let (gate, pace) = (gate, pace)
        return AsyncThrowingStream {
            try await gate.run {
                try await pace?.wait()
                return try await pages.next()
            }
        }
    }

    public func entry(at path: BytePath) async throws -> StoreEntry? {
        try await operation { try await base.entry(at: path) }
    }

    public func read(_ path: BytePath, limit: Int) async throws -> [UInt8] {
        try await operation { try await base.read(path, limit: limit) }
    }

    public func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {
        try await operation { try await base.send(path, generation: generation, from: offset, to: sink) }
    }

    public func remove(_ path: BytePath, generation: String) async throws -> Bool {
        try await operation { try await base.remove(path, generation: generation) }
    }

    private func operation<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await gate.run {
            try await pace?.wait()
            return try await body()
        }
    }
}

extension BoundedStore: ArchiveStore where Base: ArchiveStore {
    public func stage(_ requests: [StageRequest], from source: any Store) async -> [Result<StagedFile, GranaryError>] {
        await batch(requests.map(\.target)) { await base.stage(requests, from: source) }
    }

    public func publish(_ files: [StagedFile]) async -> [Result<PublishOutcome, GranaryError>] {
        await batch(files.map(\.target)) { await base.publish(files) }
    }

    /// Not counted: what is let go of frees the store.
    public func discard(_ files: [StagedFile]) async { await base.discard(files) }

    public func sweep() async throws -> Int { try await operation { try await base.sweep() } }

    private func batch<Value>(
        _ targets: [BytePath], _ body: () async -> [Result<Value, GranaryError>]
    ) async -> [Result<Value, GranaryError>] {
        do {
            return try await operation { await body() }
        } catch {
            return targets.map { .failure(.wrapping(error, $0)) }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import Synchronization

/// A store whose calls are tried again while their faults pass by themselves.
///
/// `send` goes on from the byte that was already delivered. A listing is begun anew only while nothing of it has been
/// given out. What the other side asks for (`Retry-After`) is respected. `quarantine` and `stop` are never tried again,
/// nor is what the receiving side threw. As an archive it passes `stage` and `publish` on: a failed flush is never retried.
public struct RetryingStore<Base: Store>: Store {
    let base: Base
    private let retries: StoreRetries

    public init(
        _ base: Base, policy: RetryPolicy = RetryPolicy(attempts: 5, first: .milliseconds(500), longest: .seconds(30)),
        clock: any Clock<Duration> = ContinuousClock(), randomness: any Randomness = SystemRandomness()
    ) {
        self.base = base
        retries = StoreRetries(policy: policy, clock: clock, randomness: randomness)
    }

    public var location: String { base.location }
    public var parallelReads: Int { base.parallelReads }
    public var showsWholeFiles: Bool { base.showsWholeFiles }

    public func entries() -> AsyncThrowingStream<[StoreEntry], any Error> {
        let pages = StorePages(base)
        let retries = retries
        return AsyncThrowingStream {
            try await retries.run {
                do {
                    return try await pages.next()
                } catch {
                    // Who has seen a part of a listing must not take the rest of another one for its end.
                    throw await pages.hasGiven ? UnrepeatedError(error: error) : error
                }
            }
        }
    }

    public func entry(at path: BytePath) async throws -> StoreEntry? {
        try await retries.run { try await base.entry(at: path) }
    }

    public func read(_ path: BytePath, limit: Int) async throws -> [UInt8] {
        try await retries.run { try await base.read(path, limit: limit) }
    }

    public func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {
        let counted = CountedSink(sink)
        try await retries.run(hasAdvanced: { counted.hasAdvanced() }) {
            do {
                try await base.send(path, generation: generation, from: offset + counted.count, to: counted)
            } catch {
                throw counted.failure ?? error
            }
        }
    }

    public func remove(_ path: BytePath, generation: String) async throws -> Bool {
        try await retries.run { try await base.remove(path, generation: generation) }
    }
}

extension RetryingStore: ArchiveStore where Base: ArchiveStore {
    public func stage(_ requests: [StageRequest], from source: any Store) async -> [Result<StagedFile, GranaryError>] {
        await base.stage(requests, from: source)
    }

    public func publish(_ files: [StagedFile]) async -> [Result<PublishOutcome, GranaryError>] {
        await base.publish(files)
    }

    public func discard(_ files: [StagedFile]) async { await base.discard(files) }

    public func sweep() async throws -> Int { try await retries.run { try await base.sweep() } }
}

/// The pages of a listing, one by one; begun anew by the next call after an error that came before the first page.
actor StorePages<Base: Store> {
    private let base: Base
    private var iterator: AsyncThrowingStream<[StoreEntry], any Error>.Iterator?
    private(set) var hasGiven = false

    init(_ base: Base) { self.base = base }

    func next() async throws -> [StoreEntry]? {
        var pages = iterator ?? base.entries().makeAsyncIterator()
        iterator = pages
        do {
            let page = try await pages.next(isolation: self)
            hasGiven = true
            return page
        } catch {
            if !hasGiven { iterator = nil }
            throw error
        }
    }
}

/// Passes bytes on and counts them, and keeps what the receiving side threw.
final class CountedSink: ByteSink {
    private struct State {
        var count: Int64 = 0
        var mark: Int64 = 0
        var failure: (any Error)?
    }

    private let sink: any ByteSink
    private let state = Mutex(State())

    init(_ sink: any ByteSink) { self.sink = sink }

    var count: Int64 { state.withLock { $0.count } }
    var failure: UnrepeatedError? { state.withLock { $0.failure.map { UnrepeatedError(error: $0) } } }

    /// True when so much has come since it was last asked that the count of failures may begin anew.
    func hasAdvanced() -> Bool {
        state.withLock { state in
            guard state.count - state.mark >= worthwhile else { return false }
            state.mark = state.count
            return true
        }
    }

    func expect(_ checksums: [Checksum]) { sink.expect(checksums) }

    func hasRoom(orCall resume: @escaping @Sendable () -> Void) -> Bool { sink.hasRoom(orCall: resume) }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        do {
            try sink.write(bytes)
        } catch {
            state.withLock { $0.failure = error }
            throw error
        }
        state.withLock { $0.count += Int64(bytes.count) }
    }
}

/// Bytes that make a try that failed a good one all the same.
private let worthwhile: Int64 = 1 << 20

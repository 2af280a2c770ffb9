// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
public import Logging
import Synchronization

/// What was asked of a store since it was opened.
public struct StoreCounts: Sendable, Hashable {
    public var operations = 0
    public var failures = 0
    /// Bytes that were read or sent.
    public var bytes: Int64 = 0
}

/// A store that says at debug level what is asked of it and what comes of it, and counts both.
public struct ObservedStore<Base: Store>: Store {
    let base: Base
    private let logger: Logger
    private let tally = StoreTally()

    public init(_ base: Base, logger: Logger) {
        self.base = base
        var logger = logger
        logger[metadataKey: "store"] = "\(base.location)"
        self.logger = logger
    }

    public var counts: StoreCounts { tally.counts }
    public var location: String { base.location }
    public var parallelReads: Int { base.parallelReads }
    public var showsWholeFiles: Bool { base.showsWholeFiles }

    public func entries() -> AsyncThrowingStream<[StoreEntry], any Error> {
        let pages = StorePages(base)
        let store = self
        return AsyncThrowingStream {
            try await store.observed("list", nil) { try await pages.next() }
        }
    }

    public func entry(at path: BytePath) async throws -> StoreEntry? {
        try await observed("look", path) { try await base.entry(at: path) }
    }

    public func read(_ path: BytePath, limit: Int) async throws -> [UInt8] {
        let bytes = try await observed("read", path) { try await base.read(path, limit: limit) }
        tally.add(bytes: Int64(bytes.count))
        return bytes
    }

    public func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {
        let counted = CountedSink(sink)
        defer { tally.add(bytes: counted.count) }
        try await observed("send", path) {
            try await base.send(path, generation: generation, from: offset, to: counted)
        }
    }

    public func remove(_ path: BytePath, generation: String) async throws -> Bool {
        try await observed("remove", path) { try await base.remove(path, generation: generation) }
    }

    private func observed<Value>(
        _ act: String, _ path: BytePath?, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await body()
            note(act, path, nil)
            return value
        } catch {
            note(act, path, error)
            throw error
        }
    }

    private func note(_ act: String, _ path: BytePath?, _ error: (any Error)?) {
        tally.add(isFailure: error != nil)
        logger.debug(
            "\(act)",
            metadata: [
                "path": path.map { "\($0)" } ?? "", "outcome": .string(error.map(outcome) ?? "done"),
            ])
    }

    private func outcome(_ error: any Error) -> String {
        (error as? GranaryError)?.code.rawValue ?? (error is CancellationError ? "cancelled" : "failed")
    }
}

extension ObservedStore: ArchiveStore where Base: ArchiveStore {
    public func stage(_ requests: [StageRequest], from source: any Store) async -> [Result<StagedFile, GranaryError>] {
        noting("stage", requests.map(\.target), await base.stage(requests, from: source))
    }

    public func publish(_ files: [StagedFile]) async -> [Result<PublishOutcome, GranaryError>] {
        noting("publish", files.map(\.target), await base.publish(files))
    }

    public func discard(_ files: [StagedFile]) async {
        await base.discard(files)
        for file in files { note("discard", file.target, nil) }
    }

    public func sweep() async throws -> Int { try await observed("sweep", nil) { try await base.sweep() } }

    private func noting<Value>(
        _ act: String, _ targets: [BytePath], _ results: [Result<Value, GranaryError>]
    ) -> [Result<Value, GranaryError>] {
        for (target, result) in zip(targets, results) {
            if case .failure(let error) = result { note(act, target, error) } else { note(act, target, nil) }
        }
        return results
    }
}

private final class StoreTally: Sendable {
    private let state = Mutex(StoreCounts())

    var counts: StoreCounts { state.withLock { $0 } }
    func add(bytes: Int64) { state.withLock { $0.bytes += bytes } }

    func add(isFailure: Bool) {
        state.withLock { counts in
            counts.operations += 1
            counts.failures += isFailure ? 1 : 0
        }
    }
}

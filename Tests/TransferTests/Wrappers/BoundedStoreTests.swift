// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Logging
import Synchronization
import Testing

@testable import GranaryTransfer

@Suite struct BoundedStoreTests {
    @Test("a bounded and observed store keeps the contract", arguments: StoreConformance.checks)
    func contract(_ check: ConformanceCheck<SourceUnderTest>) async throws {
        let store = ObservedStore(BoundedStore(MemoryStore(), concurrency: 2), logger: Logger(label: "test"))
        try await check.run(on: SourceUnderTest(store as any ArchiveStore))
    }

    @Test("a bounded and observed archive keeps the contract", arguments: StoreConformance.archiveChecks)
    func archive(_ check: ConformanceCheck<any ArchiveStore>) async throws {
        try await check.run(
            on: ObservedStore(BoundedStore(MemoryStore(), concurrency: 1), logger: Logger(label: "test")))
    }

    @Test("never more is asked at a time than allowed, and everybody's turn comes")
    func concurrency() async throws {
        let slow = MeetingStore()
        let store = BoundedStore(slow, concurrency: 3)
        #expect(store.parallelReads == 3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { _ = try await store.entry(at: "x") } }
            try await group.waitForAll()
        }
        #expect(slow.most == 3 && slow.calls == 100)
    }

    @Test("who is cancelled in line leaves it, and the others go on")
    func cancellation() async throws {
        let gate = OperationGate(1)
        let (opened, opener) = AsyncStream.makeStream(of: Void.self)
        let first = Task { try await gate.run { for await _ in opened { break } } }
        let others = (0..<50).map { number in Task { try await gate.run { number } } }
        for task in others.dropLast() { task.cancel() }
        opener.finish()
        try await first.value
        #expect(try await others[49].value == 49)
        for task in others.dropLast() { _ = await task.result }
        #expect(try await gate.run { true })
    }

    @Test("never more is begun in a second than allowed")
    func pace() async throws {
        let clock = RecordedWaits()
        let store = BoundedStore(MemoryStore(), concurrency: 4, perSecond: 10, clock: clock)
        for _ in 0..<21 { _ = try await store.entry(at: "x") }
        #expect(clock.now.offset == .seconds(2))
    }

    @Test("what is asked and what comes of it is counted and logged, without a byte of content")
    func observation() async throws {
        let memory = MemoryStore()
        memory.put("file", [1, 2, 3])
        let log = LogLines()
        var logger = Logger(label: "test") { _ in log }
        logger.logLevel = .debug
        let store = ObservedStore(memory, logger: logger)
        let generation = try #require(try await store.entry(at: "file")).generation
        _ = try await store.read("file", limit: 3)
        try await store.send("file", generation: generation, from: 1, to: ByteCollector())
        await expect(code: .notFound) { try await store.read("gone", limit: 3) }
        _ = try await listing(store)
        #expect(store.counts == StoreCounts(operations: 6, failures: 1, bytes: 5))
        #expect(log.lines.contains("read gone not.found") && log.lines.contains("send file done"), "\(log.lines)")
    }
}

/// A store whose looks take as long as it takes others to come too.
private final class MeetingStore: Store {
    private let state = Mutex((now: 0, most: 0, calls: 0))
    let location = "memory://meeting"
    let parallelReads = 16
    var most: Int { state.withLock { $0.most } }
    var calls: Int { state.withLock { $0.calls } }

    func entry(at path: BytePath) async throws -> StoreEntry? {
        state.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1), $0.calls + 1) }
        for _ in 0..<50 { await Task.yield() }
        state.withLock { $0.now -= 1 }
        return nil
    }

    func entries() -> AsyncThrowingStream<[StoreEntry], any Error> { AsyncThrowingStream { nil } }
    func read(_ path: BytePath, limit: Int) async throws -> [UInt8] { [] }
    func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {}
    func remove(_ path: BytePath, generation: String) async throws -> Bool { false }
}

private final class LogLines: LogHandler {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .debug }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let (path, outcome) = (event.metadata?["path"] ?? "", event.metadata?["outcome"] ?? "")
        kept.withLock { $0.append("\(event.message) \(path) \(outcome)") }
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@testable import GranaryTransfer

@Suite struct RetryingStoreTests {
    private let memory = MemoryStore()
    private let waits = RecordedWaits()
    private let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 17) }

    private func store(attempts: Int = 4) -> RetryingStore<MemoryStore> {
        RetryingStore(
            memory, policy: RetryPolicy(attempts: attempts, first: .seconds(1), longest: .seconds(60)), clock: waits,
            randomness: SeededRandomness(seed: 3))
    }

    @Test("a wrapped store keeps the contract", arguments: StoreConformance.checks)
    func contract(_ check: ConformanceCheck<SourceUnderTest>) async throws {
        try await check.run(on: SourceUnderTest(store() as any ArchiveStore))
    }

    @Test("a wrapped archive keeps the contract", arguments: StoreConformance.archiveChecks)
    func archive(_ check: ConformanceCheck<any ArchiveStore>) async throws { try await check.run(on: store()) }

    @Test("a fault that passes is passed over; the waits are jittered up to the doubled delay")
    func passing() async throws {
        memory.put("file", [1])
        for call in 1...3 { memory.faults.fail(.read, onCall: call, with: .planned()) }
        #expect(try await store().read("file", limit: 1) == [1])
        #expect(memory.faults.calls(.read) == 4)
        let seconds = waits.all.map(\.seconds)
        #expect(seconds.count == 3 && zip(seconds, [1.0, 2, 4]).allSatisfy { $0 >= 0 && $0 <= $1 }, "\(seconds)")
    }

    @Test("after the last attempt the fault itself comes out")
    func lasting() async throws {
        for call in 1...9 { memory.faults.fail(.entries, onCall: call, with: .planned()) }
        await expect(code: .storeFailed) { try await listing(store()) }
        #expect(memory.faults.calls(.entries) == 4)
    }

    @Test(
        "what does not pass by itself is not tried again",
        arguments: [
            (GranaryError.Code.storeFailed, GranaryError.Disposition.stop), (.denied, .quarantine),
            (.sourceChanged, .retry(after: nil)), (.notFound, .retry(after: .seconds(1))),
        ])
    func lastingKinds(code: GranaryError.Code, disposition: GranaryError.Disposition) async {
        memory.faults.failNext(.entry, with: .planned(code, disposition))
        await expect(code: code) { try await store().entry(at: "file") }
        #expect(memory.faults.calls(.entry) == 1 && waits.all.isEmpty)
    }

    @Test("what the server asks for is the least that is waited, and too much is left to the work queue")
    func retryAfter() async throws {
        memory.faults.failNext(.entry, with: .planned(.serverFailed, .retry(after: .seconds(50))))
        #expect(try await store().entry(at: "file") == nil)
        #expect(waits.all == [.seconds(50)])
        memory.faults.failNext(.entry, with: .planned(.serverFailed, .retry(after: .seconds(61))))
        await expect(code: .serverFailed) { try await store().entry(at: "file") }
        #expect(waits.all.count == 1)
    }

    @Test("sending goes on from the byte that was delivered, and states checksums once")
    func resumes() async throws {
        memory.put("file", bytes)
        memory.state([Checksum(.md5, of: bytes)], of: "file")
        let generation = try #require(try await memory.entry(at: "file")).generation
        let flaky = FlakyStore(memory, cuts: [0, 1, 70_000, 70_000])
        let store = RetryingStore(flaky, policy: RetryPolicy(attempts: 9), clock: waits)
        let sink = ByteCollector()
        try await store.send("file", generation: generation, from: 10, to: sink)
        #expect(sink.bytes == Array(bytes[10...]))
        #expect(flaky.offsets == [10, 10, 11, 70_011, 140_011])
    }

    @Test("what the receiving side throws is its own affair")
    func brokenSink() async throws {
        memory.put("file", bytes)
        let generation = try #require(try await memory.entry(at: "file")).generation
        await expect(code: .checksumMismatch) {
            try await store().send("file", generation: generation, to: BrokenSink())
        }
        #expect(memory.faults.calls(.send) == 1)
    }

    @Test("a listing that broke after its first page is not begun anew")
    func brokenListing() async throws {
        let broken = BrokenListing()
        let store = RetryingStore(broken, clock: waits)
        await expect(code: .connectionLost) { try await listing(store) }
        #expect(broken.listings == 1)
    }
}

/// A clock on which every wait is over at once, and remembered.
final class RecordedWaits: Clock {
    typealias Instant = NoWait.Instant
    private let waits = Mutex<[Duration]>([])
    private let time = Mutex(Instant())

    var all: [Duration] { waits.withLock { $0 } }
    var now: Instant { time.withLock { $0 } }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let now = now
        waits.withLock { $0.append(now.duration(to: deadline)) }
        time.withLock { $0 = max($0, deadline) }
    }
}

/// Breaks off each `send` after some bytes, as long as there are such plans.
final class FlakyStore: Store {
    private let base: MemoryStore
    private let plan: Mutex<[Int]>
    private let seen = Mutex<[Int64]>([])
    let location = "memory://flaky"
    let parallelReads = 1

    init(_ base: MemoryStore, cuts: [Int]) {
        self.base = base
        plan = Mutex(cuts)
    }

    var offsets: [Int64] { seen.withLock { $0 } }

    func entries() -> AsyncThrowingStream<[StoreEntry], any Error> { base.entries() }
    func entry(at path: BytePath) async throws -> StoreEntry? { try await base.entry(at: path) }
    func read(_ path: BytePath, limit: Int) async throws -> [UInt8] { try await base.read(path, limit: limit) }
    func remove(_ path: BytePath, generation: String) async throws -> Bool { false }

    func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {
        seen.withLock { $0.append(offset) }
        guard let cut = plan.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
            return try await base.send(path, generation: generation, from: offset, to: sink)
        }
        let bytes = base.bytes(at: path) ?? []
        try bytes[Int(offset)...].prefix(cut).withUnsafeBytes { try sink.write($0) }
        throw GranaryError.planned(.connectionLost)
    }
}

/// A listing that ends with an error after one page.
final class BrokenListing: Store {
    private let count = Atomic(0)
    let location = "memory://broken"
    let parallelReads = 1
    var listings: Int { count.load(ordering: .relaxed) }

    func entries() -> AsyncThrowingStream<[StoreEntry], any Error> {
        count.add(1, ordering: .relaxed)
        return AsyncThrowingStream { continuation in
            continuation.yield([])
            continuation.finish(throwing: GranaryError.planned(.connectionLost))
        }
    }

    func entry(at path: BytePath) async throws -> StoreEntry? { nil }
    func read(_ path: BytePath, limit: Int) async throws -> [UInt8] { [] }
    func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {}
    func remove(_ path: BytePath, generation: String) async throws -> Bool { false }
}

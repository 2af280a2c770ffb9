// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import Synchronization
import Testing

@testable import GranaryIngest
@testable import GranaryTesting

@Suite struct FaultTests {
    let staging = MemoryStore()
    let archive = MemoryStore()
    let site: Site

    init() throws { site = try Site(staging: staging, archive: archive) }

    private func put(_ granule: String, data: String = "data") {
        staging.put(BytePath(granule + ".nc"), bytes(data))
        staging.put(BytePath(granule + ".met"), bytes("met"))
    }

    @Test(
        "A store that fails puts files off, and ends none",
        arguments: [MemoryStore.Operation.stage, .publish], [GranaryError.Code.storeFull, .storeFailed, .denied])
    func storeFails(operation: MemoryStore.Operation, code: GranaryError.Code) async throws {
        put("g1")
        for call in 1...3 {
            archive.faults.fail(
                operation, onCall: call, with: .planned(code, code == .denied ? .stop : .retry(after: nil)))
        }
        for _ in 0..<3 {
            try await site.scan()
            #expect(try await site.arrivals().allSatisfy { $0.endedAt == nil })
            site.clock.advance(by: .seconds(5))
        }
        for _ in 0..<3 { try await site.settle() }
        #expect(try await site.granules("g1").map(\.state) == [.archived])
        #expect(archive.contents.withLock { $0.staged.isEmpty })
        try await site.expectSound()
    }

    @Test("While the archive is full one batch is tried, not the whole backlog")
    func backlog() async throws {
        for number in 0..<4000 { put("g\(number)") }
        for call in 1...20_000 { archive.faults.fail(.stage, onCall: call, with: .planned(.storeFull)) }
        try await site.scan()
        site.clock.advance(by: .seconds(5))
        #expect(try await site.scan().taken == 0)
        #expect(archive.faults.calls(.stage) < 4000)
    }

    @Test("A file that is replaced while it is copied is never archived mixed")
    func replacedWhileCopied() async throws {
        put("g1", data: String(repeating: "a", count: 200_000))
        let once = Once()
        staging.whileSending { store, path, sent in
            if path == "g1.nc", once.isFirst { store.put(path, Array(repeating: 98, count: 200_000)) }
        }
        for _ in 0..<3 { try await site.settle() }
        #expect(archive.bytes(at: "L2.1/g1/g1.nc") == Array(repeating: 98, count: 200_000))
        #expect(try await site.arrivals("g1.nc").map(\.state) == [.vanished, .archived])
        try await site.expectSound()
    }

    @Test(
        "A file that is cut short or removed while it is copied leaves its neighbours alone", arguments: [true, false])
    func cutShort(isRemoved: Bool) async throws {
        put("g1", data: String(repeating: "a", count: 200_000))
        put("g2")
        let once = Once()
        staging.whileSending { store, path, _ in
            guard path == "g1.nc", once.isFirst else { return }
            if isRemoved { store.delete(path) } else { store.put(path, [97]) }
        }
        for _ in 0..<3 { try await site.settle() }
        #expect(try await site.granules("g2").map(\.state) == [.archived])
        #expect(try await site.arrivals("g1.nc").map(\.state) == (isRemoved ? [.vanished] : [.vanished, .archived]))
        #expect(archive.bytes(at: "L2.1/g1/g1.nc") == (isRemoved ? nil : [97]))
        try await site.expectSound()
    }

    @Test("A listing that fails ends the look, and nothing counts as gone")
    func listingFails() async throws {
        put("g1")
        try await site.scan()
        for path in ["g1.nc", "g1.met"] as [BytePath] { staging.delete(path) }
        staging.faults.failNext(.entries, with: .planned(.sourceUnreadable))
        await #expect(throws: GranaryError.self) { try await site.scan() }
        #expect(try await site.arrivals().allSatisfy { $0.endedAt == nil })
        try await site.scan()
        #expect(try await site.arrivals().allSatisfy { $0.state == .vanished })
        try await site.expectSound()
    }

    @Test("A listing that breaks off keeps what it showed, and marks nothing vanished")
    func listingBreaksOff() async throws {
        put("g1")
        put("g2")
        try await site.scan()
        let broken = BrokenListing(store: staging, shown: ["g1.nc"])
        let watcher = StagingWatcher(site.configuration, source: broken, ingester: site.ingester)
        site.clock.advance(by: .seconds(5))
        await #expect(throws: GranaryError.self) { try await watcher.scanOnce() }
        #expect(try await site.arrivals().allSatisfy { $0.endedAt == nil })
    }

    @Test("A source that will not be asked does not make files vanish")
    func askingFails() async throws {
        put("g1")
        try await site.scan()
        staging.delete("g1.nc")
        staging.faults.failNext(.entry, with: .planned(.sourceUnreadable))
        await #expect(throws: GranaryError.self) { try await site.scan() }
        #expect(try await site.state("g1.nc") != .vanished)
    }

    @Test("A granule that cannot be recorded does not hold up the others, and is not stuck")
    func poisonousReaction() async throws {
        site.reactions = [Refusal(granule: "g2")]
        for name in ["g1", "g2", "g3"] { put(name) }
        for _ in 0..<3 { try await site.settle() }
        #expect(try await site.granules("g1").map(\.state) == [.archived])
        #expect(try await site.granules("g3").map(\.state) == [.archived])
        #expect(try await site.granules("g2").isEmpty)
        #expect(try await site.arrivals("g2.nc").map(\.state) == [.settling])
        site.reactions = []
        try await site.settle()
        #expect(try await site.granules("g2").map(\.state) == [.archived])
        try await site.expectSound()
    }

    @Test("A source is cleared of archived bytes only, and of that very generation")
    func afterwardsDelete() async throws {
        site.configuration.afterwards = .delete
        site.collection.conflicts = .skip
        put("g1")
        try await site.settle()
        #expect(staging.bytes(at: "g1.nc") == nil)
        put("g1", data: "other bytes")
        try await site.settle()
        #expect(try await site.seen("g1.nc") == .init(state: .ignored, code: "granule.skipped"))
        #expect(staging.bytes(at: "g1.nc") == bytes("other bytes"), "bytes that are not in the archive stay")
        try await site.expectSound()
    }

    @Test("A source that refuses removal keeps its files, and holds nothing up")
    func removalFails() async throws {
        site.configuration.afterwards = .delete
        put("g1")
        for call in 1...2 { staging.faults.fail(.remove, onCall: call, with: .planned(.denied)) }
        try await site.scan()
        site.clock.advance(by: .seconds(5))
        #expect(try await site.scan().taken == 1)
        #expect(staging.bytes(at: "g1.nc") != nil)
        try await site.scan()
        #expect(staging.bytes(at: "g1.nc") == nil)
    }
}

/// True the first time only.
final class Once: Sendable {
    private let visits = Atomic(0)
    var isFirst: Bool { visits.add(1, ordering: .relaxed).oldValue == 0 }
}

/// Shows a few entries of a store, then fails.
struct BrokenListing: Store {
    let store: MemoryStore
    let shown: Set<BytePath>

    var location: String { store.location }
    var parallelReads: Int { store.parallelReads }

    func entries() -> AsyncThrowingStream<[StoreEntry], any Error> {
        AsyncThrowingStream { continuation in
            let page = store.contents.withLock { $0.entries() }.filter { shown.contains($0.path) }
            continuation.yield(page)
            continuation.finish(throwing: GranaryError.planned(.sourceUnreadable))
        }
    }

    func entry(at path: BytePath) async throws -> StoreEntry? { try await store.entry(at: path) }
    func read(_ path: BytePath, limit: Int) async throws -> [UInt8] { try await store.read(path, limit: limit) }
    func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {
        try await store.send(path, generation: generation, from: offset, to: sink)
    }
    func remove(_ path: BytePath, generation: String) async throws -> Bool { false }
}

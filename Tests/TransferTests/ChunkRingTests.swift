// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Synchronization
import Testing

@testable import GranaryTransfer

@Suite("A ring of chunks") struct ChunkRingTests {
    @Test("who asks for room is never kept waiting by a slow lane, and is called when there is room again")
    func room() throws {
        let lane = SlowLane()
        let ring = ChunkRing(lanes: [lane], slots: 3, chunk: 10, threads: TransferThreads(count: 1))
        var sent: [UInt8] = []
        let called = Monitor(0)
        let resume: @Sendable () -> Void = { called.update { $0 += 1 } }
        while ring.hasRoom(orCall: resume) {
            let piece = (0..<7).map { UInt8(truncatingIfNeeded: sent.count + $0) }
            try piece.withUnsafeBytes { try ring.push($0) }
            sent += piece
            try #require(sent.count < 1000, "there was room without end")
        }
        #expect(called.update { $0 } == 0)
        lane.open()
        #expect(called.wait { $0 > 0 ? $0 : nil } == 1)
        #expect(ring.hasRoom(orCall: resume))
        try ring.finish()
        #expect(lane.bytes == sent)
    }

    @Test("a ring of one slot that is pushed too far, and pieces larger than a slot, wait for nobody who does not come")
    func overfull() async throws {
        for (slots, pieces) in [(1, [10, 1, 1]), (2, [35, 1, 18])] {
            let lane = SlowLane.opened
            let ring = ChunkRing(
                lanes: [lane, SlowLane.opened], slots: slots, chunk: 10, threads: TransferThreads(count: 1))
            for count in pieces {
                await withCheckedContinuation { waiter in
                    if ring.hasRoom(orCall: { waiter.resume() }) { waiter.resume() }
                }
                try [UInt8](repeating: 7, count: count).withUnsafeBytes { try ring.push($0) }
            }
            try ring.finish()
            #expect(lane.bytes.count == pieces.reduce(0, +))
        }
    }

    @Test("a lane that fails is heard of by the next who asks, and by the end")
    func failure() throws {
        let ring = ChunkRing(lanes: [BrokenLane()], slots: 2, chunk: 4, threads: TransferThreads(count: 1))
        let bytes = [UInt8](repeating: 1, count: 4)
        #expect(throws: BrokenLane.Broken.self) {
            for _ in 0..<8 { try bytes.withUnsafeBytes { try ring.push($0) } }
            try ring.finish()
        }
        #expect(ring.hasRoom {})
    }
}

/// Keeps what comes once it was opened; until then it holds whoever writes.
private final class SlowLane: ByteSink {
    private let isOpen = Monitor(false)
    private let taken = Mutex<[UInt8]>([])

    var bytes: [UInt8] { taken.withLock { $0 } }

    static var opened: SlowLane {
        let lane = SlowLane()
        lane.open()
        return lane
    }

    func open() { isOpen.update { $0 = true } }

    func write(_ bytes: UnsafeRawBufferPointer) {
        isOpen.wait { $0 ? () : nil }
        taken.withLock { $0 += bytes }
    }
}

private final class BrokenLane: ByteSink {
    struct Broken: Error {}

    func write(_ bytes: UnsafeRawBufferPointer) throws { throw Broken() }
}

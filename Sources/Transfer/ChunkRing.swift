// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Carries the bytes of one file from one producer to several lanes (the file, each digest) that run on different cores.
///
/// Each chunk passes every lane once, in order. A lane is a serial thing; which thread carries it on is nobody's concern:
/// the producer while it waits for room, and helpers from the pool, which come when a chunk is there and leave when no
/// lane can go on. So a single large file keeps all cores busy, and a slow source holds no thread of the pool.
final class ChunkRing: Sendable {
    private let lanes: [any ByteSink]
    private let threads: TransferThreads
    private let helpers: Int
    // A slot is written by the producer alone before its chunk counts as produced, and read until the last lane is past
    // it; the monitor puts both in order.
    nonisolated(unsafe) private let slots: [UnsafeMutableRawBufferPointer]
    private let progress: Monitor<Progress>

    /// - Parameter chunk: the bytes of one slot.
    init(lanes: [any ByteSink], slots count: Int, chunk: Int, threads: TransferThreads) {
        self.lanes = lanes
        self.threads = threads
        // A file of one slot is done before help could come; many such files keep the cores busy by themselves.
        helpers = count == 1 ? 0 : min(threads.count, lanes.count) - 1
        slots = (0..<count).map { _ in .allocate(byteCount: chunk, alignment: 4096) }
        progress = Monitor(Progress(lanes: lanes.count, slots: count))
    }

    deinit { for slot in slots { slot.deallocate() } }

    /// Has `fill` put the next bytes into a free slot and passes them to the lanes. Returns their number; 0 is the end.
    func produce(_ fill: (UnsafeMutableRawBufferPointer) throws -> Int) throws -> Int {
        let slot = slots[try work { $0.freeSlot }]
        let count = try fill(slot)
        guard count > 0 else { return 0 }
        let wantsHelp = progress.update { $0.commit(count, helpers: helpers) }
        if wantsHelp { threads.enqueue { self.help() } }
        return count
    }

    /// Waits until every lane has had every chunk.
    func finish() throws { try work { $0.isDrained ? () : nil } }

    /// Carries lanes on until `goal` is reached.
    private func work<Value>(until goal: (borrowing Progress) -> Value?) throws -> Value {
        while true {
            switch progress.wait(for: { $0.next(goal) }) {
            case .reached(let value): return value
            case .failed(let error): throw error
            case .step(let step): carry(step)
            }
        }
    }

    private func help() {
        while let step = progress.update({ $0.stepOrLeave() }) { carry(step) }
    }

    private func carry(_ step: Progress.Step) {
        let bytes = UnsafeRawBufferPointer(rebasing: slots[step.slot].prefix(step.count))
        let result = Result { try lanes[step.lane].write(bytes) }
        progress.update { $0.ended(step, result) }
    }
}

/// How far the producer and each lane have come, in chunks.
private struct Progress {
    struct Step {
        let lane: Int
        let slot: Int
        let count: Int
    }

    enum Next<Value> {
        case reached(Value)
        case failed(any Error)
        case step(Step)
    }

    private var counts: [Int]
    private var produced = 0
    private var done: [Int]
    private var isBusy: [Bool]
    private var helping = 0
    private var failure: (any Error)?

    init(lanes: Int, slots: Int) {
        counts = Array(repeating: 0, count: slots)
        done = Array(repeating: 0, count: lanes)
        isBusy = Array(repeating: false, count: lanes)
    }

    /// The slot that the producer may write to, or nil while a lane still needs it.
    var freeSlot: Int? { produced - slowest < counts.count ? produced % counts.count : nil }
    var isDrained: Bool { slowest == produced }
    private var slowest: Int { done.min() ?? produced }

    /// Counts a chunk as produced. True when one more helper shall come.
    mutating func commit(_ count: Int, helpers: Int) -> Bool {
        counts[produced % counts.count] = count
        produced += 1
        guard helping < helpers else { return false }
        helping += 1
        return true
    }

    mutating func next<Value>(_ goal: (borrowing Progress) -> Value?) -> Next<Value>? {
        if let failure { return .failed(failure) }
        if let value = goal(self) { return .reached(value) }
        return takeStep().map { .step($0) }
    }

    mutating func stepOrLeave() -> Step? {
        if failure == nil, let step = takeStep() { return step }
        helping -= 1
        return nil
    }

    mutating func ended(_ step: Step, _ result: Result<Void, any Error>) {
        isBusy[step.lane] = false
        done[step.lane] += 1
        if case .failure(let error) = result { failure = failure ?? error }
    }

    /// The lane that is furthest behind goes first: it is the one that the producer waits for.
    private mutating func takeStep() -> Step? {
        let free = done.indices.filter { !isBusy[$0] && done[$0] < produced }
        guard let lane = free.min(by: { done[$0] < done[$1] }) else { return nil }
        isBusy[lane] = true
        let slot = done[lane] % counts.count
        return Step(lane: lane, slot: slot, count: counts[slot])
    }
}

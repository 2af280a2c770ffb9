// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Synchronization

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
    /// The slot that pushed bytes are filling.
    private let open = Mutex<(slot: Int, filled: Int)?>(nil)

    /// - Parameter chunk: the bytes of one slot.
    init(lanes: [any ByteSink], slots count: Int, chunk: Int, threads: TransferThreads) {
        self.lanes = lanes
        self.threads = threads
        // A file of one slot is done before help could come; many such files keep the cores busy by themselves.
        helpers = count == 1 ? 0 : min(threads.count, lanes.count)
        slots = (0..<count).map { _ in .allocate(byteCount: chunk, alignment: 4096) }
        progress = Monitor(Progress(lanes: lanes.count, slots: count))
    }

    deinit { for slot in slots { slot.deallocate() } }

    /// Has `fill` put the next bytes into a free slot and passes them to the lanes. Returns their number; 0 is the end.
    func produce(_ fill: (UnsafeMutableRawBufferPointer) throws -> Int) throws -> Int {
        let slot = slots[try work { $0.freeSlot }]
        let count = try fill(slot)
        if count > 0 { commit(count) }
        return count
    }

    /// Takes bytes that come in pieces smaller than a slot. Waits, and carries lanes meanwhile, when no slot is free.
    func push(_ bytes: UnsafeRawBufferPointer) throws {
        try open.withLock { open in
            var rest = bytes[...]
            while !rest.isEmpty {
                let (slot, filled) = try open ?? (work { $0.freeSlot }, 0)
                let target = UnsafeMutableRawBufferPointer(rebasing: slots[slot].dropFirst(filled))
                let piece = rest.prefix(target.count)
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: piece))
                rest = rest.dropFirst(piece.count)
                open = piece.count < target.count ? (slot, filled + piece.count) : nil
                if open == nil { commit(slots[slot].count) }
            }
        }
    }

    /// True when `push` will not wait for bytes up to the size of a slot; else `resume` is called once when it has changed.
    func hasRoom(orCall resume: @escaping @Sendable () -> Void) -> Bool {
        let isOpen = open.withLock { $0 != nil }
        let wanted = isOpen && slots.count > 1 ? 2 : 1
        let (isFree, wantsHelp) = progress.update { progress in
            if progress.hasFree(wanted, orCall: resume) { return (true, false) }
            // Whoever is called must be sure that somebody carries the lanes meanwhile.
            return (false, progress.wantsHelper(of: max(1, helpers)))
        }
        if wantsHelp { threads.enqueue { self.help() } }
        return isFree
    }

    /// Waits until every lane has had every chunk.
    func finish() throws {
        open.withLock { open in
            if let filled = open?.filled { commit(filled) }
            open = nil
        }
        try work { $0.isDrained ? () : nil }
    }

    private func commit(_ count: Int) {
        let wantsHelp = progress.update { $0.commit(count, helpers: helpers) }
        if wantsHelp { threads.enqueue { self.help() } }
    }

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
        let resume = progress.update { $0.ended(step, result) }
        resume?()
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
    /// Who pushes and waits for so many free slots.
    private var waiter: (wanted: Int, resume: @Sendable () -> Void)?

    init(lanes: Int, slots: Int) {
        counts = Array(repeating: 0, count: slots)
        done = Array(repeating: 0, count: lanes)
        isBusy = Array(repeating: false, count: lanes)
    }

    /// The slot that the producer may write to, or nil while a lane still needs it.
    var freeSlot: Int? { free > 0 ? produced % counts.count : nil }
    private var free: Int { counts.count - (produced - slowest) }
    var isDrained: Bool { slowest == produced }
    private var slowest: Int { done.min() ?? produced }

    /// Counts a chunk as produced. True when one more helper shall come.
    mutating func commit(_ count: Int, helpers: Int) -> Bool {
        counts[produced % counts.count] = count
        produced += 1
        return wantsHelper(of: helpers)
    }

    /// Counts one more helper, who is to come; false when there are as many as may be.
    mutating func wantsHelper(of most: Int) -> Bool {
        guard helping < most else { return false }
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

    /// Keeps `resume` for later when there are fewer free slots than wanted. A failure is to be met at once.
    mutating func hasFree(_ wanted: Int, orCall resume: @escaping @Sendable () -> Void) -> Bool {
        if free >= wanted || failure != nil { return true }
        waiter = (wanted, resume)
        return false
    }

    /// Whom to call, because there is room again.
    mutating func ended(_ step: Step, _ result: Result<Void, any Error>) -> (@Sendable () -> Void)? {
        isBusy[step.lane] = false
        done[step.lane] += 1
        if case .failure(let error) = result { failure = failure ?? error }
        guard let waiter, free >= waiter.wanted || failure != nil else { return nil }
        self.waiter = nil
        return waiter.resume
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

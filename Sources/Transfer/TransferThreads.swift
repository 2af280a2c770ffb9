// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A fixed number of threads for work that blocks or computes for long, away from Swift's cooperative pool.
///
/// Jobs start in the order in which they came. The threads end once the pool is let go of and its jobs are done.
public final class TransferThreads: Sendable {
    /// For copying and hashing: one for each core.
    public static let cores = TransferThreads(count: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    /// For waiting on the medium: flushes overlap, and none of them keeps a core from its work.
    public static let flushes = TransferThreads(count: 8)

    /// How many threads there are; each does one thing at a time.
    public let count: Int
    private let line = Monitor(Line())

    public init(count: Int) {
        self.count = count
        for _ in 0..<count { startThread(serving: line) }
    }

    deinit { line.update { $0.isClosed = true } }

    /// Runs `work` on a thread of the pool and waits for it without holding a thread of one's own.
    public func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
            enqueue { continuation.resume(returning: Result(catching: work)) }
        }
        return try result.get()
    }

    func enqueue(_ job: @escaping @Sendable () -> Void) { line.update { $0.jobs.append(job) } }
}

/// Jobs that wait for a thread. The first is taken by moving a mark, so that a long line stays cheap.
private struct Line {
    var jobs: [(@Sendable () -> Void)?] = []
    var isClosed = false
    private var taken = 0

    /// The next job, `.some(nil)` when there will be none any more, nil when there is none yet.
    mutating func next() -> (@Sendable () -> Void)?? {
        guard taken < jobs.count else { return isClosed ? .some(nil) : nil }
        defer { advance() }
        return .some(jobs[taken])
    }

    private mutating func advance() {
        jobs[taken] = nil
        taken += 1
        guard taken == jobs.count else { return }
        jobs.removeAll(keepingCapacity: jobs.capacity <= 1024)
        taken = 0
    }
}

/// Starts a detached thread that takes jobs until the line is closed and empty.
private func startThread(serving line: Monitor<Line>) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(line)
    let failure = pthread_create(
        &thread, nil,
        { context in
            guard let context else { return nil }
            let line = Unmanaged<Monitor<Line>>.fromOpaque(context).takeRetainedValue()
            while let job = line.wait(for: { $0.next() }) { job() }
            return nil
        }, context.toOpaque())
    precondition(failure == 0, "the system refused a thread: \(failure)")
    pthread_detach(thread)
}

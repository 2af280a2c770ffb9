// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Synchronization

/// Lets so many in at a time; the others wait in line, each until its turn or its cancellation.
final class OperationGate: Sendable {
    private struct State {
        var free: Int
        var next = 0
        var line: [(number: Int, waiter: CheckedContinuation<Void, any Error>)] = []
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: max(1, count))) }

    func run<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async throws {
        try Task.checkCancellation()
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let mayEnter = state.withLock { state in
                    guard state.free == 0 else {
                        state.free -= 1
                        return true
                    }
                    state.line.append((number, waiter))
                    return false
                }
                if mayEnter { waiter.resume() }
                // The handler may have run before there was anybody in line.
                if Task.isCancelled { giveUp(number) }
            }
        } onCancel: {
            giveUp(number)
        }
    }

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { state in
            state.line.firstIndex { $0.number == number }.map { state.line.remove(at: $0).waiter }
        }
        waiter?.resume(throwing: CancellationError())
    }

    private func leave() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard state.line.isEmpty else { return state.line.removeFirst().waiter }
            state.free += 1
            return nil
        }
        waiter?.resume()
    }
}

/// Gives each caller a moment of its own, so that there are never more than so many a second.
protocol OperationPace: Sendable {
    func wait() async throws
}

func operationPace(_ rate: Double, _ clock: some Clock<Duration>) -> any OperationPace {
    ClockedPace(rate: rate, clock: clock)
}

private final class ClockedPace<Time: Clock>: OperationPace where Time.Duration == Duration {
    private let interval: Duration
    private let clock: Time
    private let next: Mutex<Time.Instant>

    init(rate: Double, clock: Time) {
        interval = .seconds(1) / max(rate, 1e-6)
        self.clock = clock
        next = Mutex(clock.now)
    }

    func wait() async throws {
        let now = clock.now
        let moment = next.withLock { next in
            let moment = max(next, now)
            next = moment.advanced(by: interval)
            return moment
        }
        if moment > now { try await clock.sleep(until: moment, tolerance: nil) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// One call as a script sees it.
public struct Call: Sendable {
    public var operation: Operation
    /// What it is about: `bucket/key`, a path, the name of a queue, topic or stream.
    public var subject: String
    /// Which call of that operation this is, from 1 on.
    public var number: Int
    /// Which call of that operation on that subject this is, from 1 on.
    public var visit: Int
    public var request: Request
}

/// Which calls go wrong, and how.
public final class FaultScript: Sendable {
    public typealias Rule = @Sendable (Call) -> [Fault]

    private struct Visit: Hashable {
        var operation: Operation
        var subject: String
    }

    private struct State {
        var rules: [Rule] = []
        var planned: [Operation: [Int: [Fault]]] = [:]
        var calls: [Operation: Int] = [:]
        var visits: [Visit: Int] = [:]
    }

    private let state = Mutex(State())

    /// Plans faults for a call, counted from 1 among all calls of that operation, those already made included.
    public func plan(_ faults: Fault..., on operation: Operation, call number: Int) {
        state.withLock { $0.planned[operation, default: [:]][number, default: []] += faults }
    }

    /// Plans faults for the next call of an operation.
    public func planNext(_ faults: Fault..., on operation: Operation) {
        state.withLock {
            $0.planned[operation, default: [:]][$0.calls[operation, default: 0] + 1, default: []] += faults
        }
    }

    /// Adds a rule that is asked for every call from now on.
    public func always(_ rule: @escaping Rule) { state.withLock { $0.rules.append(rule) } }

    /// Forgets all rules and plans; calls stay counted.
    public func clear() {
        state.withLock {
            $0.rules = []
            $0.planned = [:]
        }
    }

    public func calls(_ operation: Operation) -> Int { state.withLock { $0.calls[operation, default: 0] } }

    /// How often an operation was called for a subject.
    public func visits(_ operation: Operation, _ subject: String) -> Int {
        state.withLock { $0.visits[Visit(operation: operation, subject: subject), default: 0] }
    }

    /// Counts a call and gives what goes wrong with it.
    func visit(_ operation: Operation, _ subject: String, _ request: Request) -> [Fault] {
        let (call, planned, rules) = state.withLock { state in
            let number = state.calls[operation, default: 0] + 1
            let visit = state.visits[Visit(operation: operation, subject: subject), default: 0] + 1
            state.calls[operation] = number
            state.visits[Visit(operation: operation, subject: subject)] = visit
            let call = Call(operation: operation, subject: subject, number: number, visit: visit, request: request)
            return (call, state.planned[operation]?.removeValue(forKey: number) ?? [], state.rules)
        }
        return planned + rules.flatMap { $0(call) }
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import Synchronization

/// Which calls of a fake shall fail, and how: faults as values, so that a test says what goes wrong and when.
public final class FaultPlan<Operation: Hashable & Sendable>: Sendable {
    private struct State {
        var calls: [Operation: Int] = [:]
        var faults: [Operation: [Int: GranaryError]] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// Makes a call fail, counted from 1 among all calls of that operation, those already made included.
    public func fail(_ operation: Operation, onCall number: Int, with error: GranaryError) {
        state.withLock { $0.faults[operation, default: [:]][number] = error }
    }

    /// Makes the next call of an operation fail.
    public func failNext(_ operation: Operation, with error: GranaryError) {
        state.withLock { $0.faults[operation, default: [:]][$0.calls[operation, default: 0] + 1] = error }
    }

    public func calls(_ operation: Operation) -> Int { state.withLock { $0.calls[operation, default: 0] } }

    /// Counts a call, and throws what is planned for it.
    func visit(_ operation: Operation) throws(GranaryError) {
        let fault = state.withLock { state in
            let number = state.calls[operation, default: 0] + 1
            state.calls[operation] = number
            return state.faults[operation]?.removeValue(forKey: number)
        }
        if let fault { throw fault }
    }
}

extension GranaryError {
    /// An error that a test recognises as its own.
    public static func planned(
        _ code: Code = .storeFailed, _ disposition: Disposition = .retry(after: nil)
    ) -> GranaryError {
        GranaryError(code, "a planned fault", remedy: "none: a test asked for it", disposition: disposition)
    }
}

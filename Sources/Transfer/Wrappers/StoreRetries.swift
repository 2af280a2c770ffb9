// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// How a call is tried again: by a policy, with a clock that a test may hold.
struct StoreRetries: Sendable {
    let policy: RetryPolicy
    let clock: any Clock<Duration>
    let randomness: any Randomness

    /// Runs `body` until it succeeds, fails with what does not pass by itself, or has been tried often enough.
    ///
    /// - Parameter hasAdvanced: asked after a failure; true makes the count begin anew.
    func run<Value>(
        hasAdvanced: () -> Bool = { false }, _ body: () async throws -> Value
    ) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch let error as UnrepeatedError {
                throw error.error
            } catch let error as GranaryError {
                if hasAdvanced() { attempt = 1 }
                guard let wait = wait(after: error, attempt: attempt) else { throw error }
                try await clock.sleep(for: wait)
                attempt += 1
            }
        }
    }

    /// How long to wait before the next try, nil when there shall be none here.
    ///
    /// What has changed or gone is not brought back by asking again at once, and a server that asks for more patience than
    /// the policy has gets it from the work queue.
    func wait(after error: GranaryError, attempt: Int) -> Duration? {
        guard case .retry(let least) = error.disposition, ![.sourceChanged, .notFound].contains(error.code),
            let delay = policy.delay(afterAttempt: attempt, randomness: randomness)
        else { return nil }
        guard let least else { return delay }
        return least <= policy.longest ? max(least, delay) : nil
    }
}

/// Wraps what must not be tried again here, whatever its disposition says to others.
struct UnrepeatedError: Error { let error: any Error }

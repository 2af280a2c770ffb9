// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// A rate: so much a second, with at most one second's worth at once.
struct TokenBucket {
    private let rate: Double
    private let most: Double
    private var tokens: Double
    private var filled: ContinuousClock.Instant

    /// - Parameter rate: tokens per second, more than 0.
    init(rate: Double, now: ContinuousClock.Instant) {
        self.rate = rate
        most = max(1, rate)
        tokens = most
        filled = now
    }

    /// Takes tokens when there is at least a part of one; the bucket may be overdrawn by a large piece, which then makes
    /// the next one wait for longer.
    mutating func take(_ amount: Double, now: ContinuousClock.Instant) -> Bool {
        fill(now)
        guard tokens > 0 else { return false }
        tokens -= amount
        return true
    }

    /// How long until `take` succeeds.
    func wait(now: ContinuousClock.Instant) -> Duration {
        var copy = self
        copy.fill(now)
        return copy.tokens > 0 ? .zero : .seconds(-copy.tokens / rate) + .milliseconds(1)
    }

    private mutating func fill(_ now: ContinuousClock.Instant) {
        tokens = min(most, tokens + filled.duration(to: now).seconds * rate)
        filled = now
    }
}

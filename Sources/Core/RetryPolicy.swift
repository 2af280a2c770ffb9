// SPDX-License-Identifier: Apache-2.0

/// How often and how soon to try again: the delay doubles from `first` up to `longest`, with full jitter.
public struct RetryPolicy: Sendable, Hashable, Codable {
    /// Tries in all, the first included.
    public var attempts: Int
    /// The longest wait after the first failure.
    public var first: Duration
    /// What no wait is longer than.
    public var longest: Duration

    public init(attempts: Int = 5, first: Duration = .seconds(2), longest: Duration = .seconds(300)) {
        self.attempts = attempts
        self.first = first
        self.longest = longest
    }

    /// The wait after the given attempt (counted from 1), or nil when there is no further one.
    ///
    /// Full jitter: anything up to the doubled delay, so that many failures in step spread as evenly as they can.
    public func delay(afterAttempt attempt: Int, randomness: any Randomness) -> Duration? {
        guard attempt < attempts else { return nil }
        let doubled = first * (1 << min(max(attempt - 1, 0), 30))
        let bound = min(doubled, longest)
        return bound * randomness.fraction()
    }
}

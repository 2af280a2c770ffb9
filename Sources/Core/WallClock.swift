// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The only source of time. Rules take moments as arguments; services ask a clock; tests hold the hands.
public protocol WallClock: Sendable {
    /// The time of day, for people: it may jump.
    func now() -> Timestamp

    /// Time that only moves forward and never jumps, for leases, waits and settling windows.
    ///
    /// It starts at some moment of the past and stays on one scale while the process lives; it is not kept across restarts.
    func uptime() -> Duration
}

/// The machine's clocks.
public struct SystemClock: WallClock {
    public init() {}

    public func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    public func uptime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

/// Moments for bookkeeping that later code compares with: the time of day at start, carried on by the steady clock.
///
/// Due times and leases are stored as such moments, so a step of the machine's clock can neither expire a lease that is
/// held nor put off a retry by a year. After a restart the scale begins anew at the time of day.
public struct SteadyTime: Sendable {
    private let clock: any WallClock
    private let origin: Timestamp
    private let start: Duration

    /// Begins the scale now, at the time of day.
    public init(_ clock: any WallClock) {
        self.clock = clock
        origin = clock.now()
        start = clock.uptime()
    }

    /// Never before what it was, however the clock of the machine is set meanwhile.
    public func now() -> Timestamp { origin + (clock.uptime() - start) }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import Synchronization

/// A clock whose hands the test moves. The time of day and the steady time can drift apart, as real ones do.
public final class ManualClock: WallClock {
    private let hands: Mutex<(now: Timestamp, uptime: Duration)>

    public init(now: Timestamp = Timestamp(seconds: 1_800_000_000), uptime: Duration = .seconds(1000)) {
        hands = Mutex((now, uptime))
    }

    public func now() -> Timestamp { hands.withLock { $0.now } }
    public func uptime() -> Duration { hands.withLock { $0.uptime } }

    /// Lets time pass, as it does.
    public func advance(by duration: Duration) { hands.withLock { $0 = ($0.now + duration, $0.uptime + duration) } }

    /// Sets the time of day, forward or back, while no time passes.
    public func step(to moment: Timestamp) { hands.withLock { $0.now = moment } }
}

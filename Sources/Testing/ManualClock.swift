// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
internal import Synchronization

/// A clock whose hands the test moves. The time of day and the steady time can be moved apart, as a stepped clock does.
public final class ManualClock: WallClock {
    private let hands: Mutex<(now: Timestamp, uptime: Duration)>

    public init(_ start: Timestamp = Timestamp(seconds: 1_767_225_600), uptime: Duration = .seconds(1000)) {
        hands = Mutex((start, uptime))
    }

    public func now() -> Timestamp { hands.withLock { $0.now } }
    public func uptime() -> Duration { hands.withLock { $0.uptime } }

    /// Lets time pass, on both scales.
    public func advance(by duration: Duration) {
        hands.withLock { $0 = ($0.now + duration, $0.uptime + duration) }
    }

    /// Sets the time of day, as an administrator or a leap does; the steady time goes on undisturbed.
    public func step(to moment: Timestamp) { hands.withLock { $0.now = moment } }
}

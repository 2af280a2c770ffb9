// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// Change notices from a source. They bring the next look forward and hint at finished files; they are never the truth.
public protocol WakeUps: Sendable {
    /// Returns when something changed, when the time is over, or when the task is cancelled, whichever comes first.
    func wait(atMost pause: Duration) async

    /// True when the source's own notice says that this file was closed or moved into place since it was last asked.
    func wasClosed(_ path: BytePath) -> Bool
}

/// For sources that give no notice.
public struct NoWakeUps: WakeUps {
    public init() {}

    public func wait(atMost pause: Duration) async { try? await Task.sleep(for: pause) }

    public func wasClosed(_ path: BytePath) -> Bool { false }
}

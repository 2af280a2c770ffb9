// SPDX-License-Identifier: Apache-2.0

/// The life of one piece of work: a row that says something must be done.
///
///     available ─claim─▶ running ─▶ completed
///        ▲                 ├─ retry later ─▶ retryable ─due─▶ running
///        │                 ├─ not yet ─────▶ scheduled ─due─▶ running
///        ╰─ lease expired ─┤
///                          ╰─▶ discarded (gave up) | cancelled (an operator's word)
public enum WorkState: String, LifeState {
    case available, scheduled, running, retryable, completed, cancelled, discarded

    public var next: Set<Self> {
        switch self {
        case .available, .scheduled, .retryable: [.running, .cancelled]
        case .running: [.available, .scheduled, .retryable, .completed, .discarded, .cancelled]
        // A retry or a resend gives ended work a new life.
        case .completed, .discarded, .cancelled: [.available]
        }
    }

    /// States from which a worker may claim, once `due_at` has passed.
    public static let claimable: Set<Self> = [.available, .scheduled, .retryable]
}

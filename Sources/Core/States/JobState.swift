// SPDX-License-Identifier: Apache-2.0

/// The life of one job: one execution of a process, over as many attempts as it takes.
///
///     accepted ─▶ staging ─▶ running ─▶ publishing ─▶ successful
///        ▲           ╰──────────┴───────────┴─▶ failed | accepted (next attempt)
///        ╰───────────── retry ────────────────────╯
public enum JobState: String, LifeState {
    case accepted, staging, running, publishing, successful, failed, dismissed

    public var next: Set<Self> {
        switch self {
        case .accepted: [.staging, .failed, .dismissed]
        case .staging: [.running, .accepted, .failed, .dismissed]
        case .running: [.publishing, .accepted, .failed, .dismissed]
        case .publishing: [.successful, .accepted, .failed, .dismissed]
        case .failed: [.accepted, .dismissed]
        case .successful, .dismissed: []
        }
    }
}

/// Why an attempt failed, for grouping and for retry rules.
public enum FailureClass: String, Sendable, Hashable, CaseIterable, Codable {
    case exit, signal, timeout, memory, disk, staging, publish, lost, validation
}

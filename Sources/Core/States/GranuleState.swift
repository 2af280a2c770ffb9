// SPDX-License-Identifier: Apache-2.0

/// The life of one granule revision.
///
///     waiting ─▶ archived ─▶ superseded
///        ├─▶ incomplete ─▶ archived
///        ╰─▶ quarantined ─▶ waiting | rejected
public enum GranuleState: String, LifeState {
    /// Some of its files are here, required ones are missing; `missing` lists them.
    case waiting
    /// The deadline passed with required files missing. They are still taken when they come.
    case incomplete
    /// At least one of its files was set aside, so none was archived.
    case quarantined
    /// All files verified, durable and recorded.
    case archived
    /// Archived, and replaced by a later revision by the collection's policy; its files stay.
    case superseded
    /// Refused by an operator before anything was archived.
    case rejected

    public var next: Set<Self> {
        switch self {
        case .waiting: [.archived, .incomplete, .quarantined, .rejected]
        case .incomplete: [.waiting, .archived, .quarantined, .rejected]
        case .quarantined: [.waiting, .archived, .rejected]
        case .archived: [.superseded]
        case .superseded, .rejected: []
        }
    }
}

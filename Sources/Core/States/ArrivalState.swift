// SPDX-License-Identifier: Apache-2.0

/// The life of one arrival: one observed generation of one path at one source. Every arrival is in exactly one state.
///
///     observed ─▶ settling ─▶ waiting ─▶ verifying ─▶ archived | duplicate
///         ╰──────────┴───────────┴───────────┴──────▶ quarantined | rejected | ignored | vanished
///     quarantined ─(operator)─▶ observed | rejected
public enum ArrivalState: String, LifeState {
    /// Seen in a listing, nothing decided yet.
    case observed
    /// Not yet known to be finished: it may still grow.
    case settling
    /// Finished, and waits for something named in its reason: other files of its granule, a manifest.
    case waiting
    /// Its bytes are being read, compared and copied.
    case verifying
    /// In the archive, durable and recorded.
    case archived
    /// The very bytes that the archive already holds under this identity.
    case duplicate
    /// Set aside with a reason and a remedy; an operator can release, retry or reject it.
    case quarantined
    /// Refused for good, by rule or by an operator.
    case rejected
    /// Seen and deliberately not archived: a temporary name, a manifest that has been read, an excluded pattern.
    case ignored
    /// Gone, or replaced by another generation, before it was archived.
    case vanished

    public var next: Set<Self> {
        switch self {
        case .observed: [.settling, .waiting, .verifying, .quarantined, .rejected, .ignored, .vanished]
        case .settling: [.waiting, .verifying, .quarantined, .rejected, .ignored, .vanished]
        // Back to settling when the source changed while it was read, or the process died over it.
        case .waiting: [.settling, .verifying, .quarantined, .rejected, .ignored, .vanished]
        case .verifying: [.settling, .waiting, .archived, .duplicate, .quarantined, .rejected, .ignored, .vanished]
        case .quarantined: [.observed, .rejected]
        case .archived, .duplicate, .rejected, .ignored, .vanished: []
        }
    }

    /// States in which something is still to be done by us.
    public static let open: Set<Self> = [.observed, .settling, .waiting, .verifying]
}

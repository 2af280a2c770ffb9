// SPDX-License-Identifier: Apache-2.0

/// The life of one submission: one CNM-S to one destination, for one granule revision.
///
///     pending ──sent──▶ sent ──answer──▶ acknowledged | rejected
///        │               ╰──deadline──▶ overdue ──answer──▶ acknowledged | rejected
///        ╰──answer (it overtook our own bookkeeping)──▶ acknowledged | rejected
///     rejected ──(policy or operator: resend)──▶ pending;  overdue likewise
///     acknowledged is never left: SUCCESS settles.
public enum SubmissionState: String, LifeState {
    case pending, sent, acknowledged, rejected, overdue, cancelled, superseded

    public var next: Set<Self> {
        switch self {
        case .pending: [.sent, .acknowledged, .rejected, .cancelled, .superseded]
        case .sent: [.acknowledged, .rejected, .overdue, .pending, .cancelled, .superseded]
        case .overdue: [.acknowledged, .rejected, .pending, .cancelled, .superseded]
        case .rejected: [.acknowledged, .pending, .cancelled, .superseded]
        case .acknowledged, .cancelled, .superseded: []
        }
    }
}

/// A CNM-R's `errorCode`.
public enum ResponseError: String, Sendable, Hashable, CaseIterable, Codable {
    case validation = "VALIDATION_ERROR"
    case processing = "PROCESSING_ERROR"
    case transfer = "TRANSFER_ERROR"
}

/// What a response says, stripped of everything else.
public enum ResponseOutcome: Sendable, Hashable {
    case success
    /// Nil when the partner gave no code that we know; treated as `processing`.
    case failure(ResponseError?)
}

/// What the ledger does with a response to a submission in a given state.
public enum ResponseVerdict: Sendable, Hashable {
    /// Move the submission to this state.
    case apply(SubmissionState)
    /// The same answer again: keep it, change nothing.
    case duplicate
    /// It contradicts what is settled, as a failure after a success: keep it, raise it, change nothing.
    case contradiction
}

extension SubmissionState {
    /// What to do with an answer. Every combination has an answer, those that "cannot" happen too: after a crash between
    /// send and commit the response comes to a submission that is still `pending`.
    public func verdict(on outcome: ResponseOutcome) -> ResponseVerdict {
        switch (self, outcome) {
        case (.acknowledged, .success): .duplicate
        case (.acknowledged, .failure): .contradiction
        case (.rejected, .failure): .duplicate
        case (.cancelled, _), (.superseded, _): .contradiction
        case (_, .success): .apply(.acknowledged)
        case (_, .failure): .apply(.rejected)
        }
    }
}

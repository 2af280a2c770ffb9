// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// One response and what it does to the ledger, inside one transaction.
struct ResponseHandling {
    let session: any SQLSession
    let message: StoredMessage
    let read: PartnerMessage
    let destinations: [String: Destination]
    let now: Timestamp
    let steady: Timestamp

    func handle() throws -> HandledResponse {
        switch read.content {
        case .response(let response): try apply(response)
        case .submission: unreadable("It is a CNM-S; submissions are taken by a watcher, not by a receiving side.")
        case .notice(let name): unreadable("It is a notice of the transport (\(name)), not an answer.")
        case .unreadable(let why): unreadable(why)
        }
    }

    private func unreadable(_ why: String) -> HandledResponse { HandledResponse(verdict: .unreadable, error: why) }

    private func apply(_ response: PartnerResponse) throws -> HandledResponse {
        guard let identifier = read.identifier, let submission = try session.submission(identifier: identifier) else {
            return HandledResponse(verdict: .unmatched)
        }
        guard responseSource(of: submission) == message.source else {
            let finding = "Its identifier is that of a submission to another partner; it was not applied."
            return HandledResponse(verdict: .unmatched, findings: [finding])
        }
        switch try verdict(on: response.outcome, submission) {
        case .apply(let state): return try settle(submission, as: state, response)
        case .duplicate: return HandledResponse(verdict: .duplicate, submissionID: submission.id)
        case .contradiction: return try contradict(submission, response)
        }
    }

    /// Partners of destinations that have left the configuration are still heard where their name says.
    private func responseSource(of submission: SubmissionRecord) -> String {
        responseSourcePrefix + (destinations[submission.destination]?.responseSource ?? submission.destination)
    }

    /// The very bytes of an answer that has taken effect are a repeat, even when the submission was sent again since: the
    /// next answer has other times.
    private func verdict(on outcome: ResponseOutcome, _ submission: SubmissionRecord) throws -> ResponseVerdict {
        let repeats = try session.count(
            """
            SELECT COUNT(*) AS n FROM response r JOIN message_in m ON m.id = r.message_in_id
            WHERE r.submission_id = ? AND r.verdict = 'applied' AND m.digest = ?
            """,
            [submission.id, message.digest])
        return repeats > 0 ? .duplicate : submission.state.verdict(on: outcome)
    }

    private func contradict(_ submission: SubmissionRecord, _ response: PartnerResponse) throws -> HandledResponse {
        let said = response.outcome == .success ? "SUCCESS" : "FAILURE"
        try session.note(
            .submission, submission.id, state: submission.state.rawValue, at: now,
            because: Cause(
                "contradicted", by: deliveryActor,
                detail: clipped("\(said) \(response.errorMessage ?? "") (message \(message.id))")))
        return HandledResponse(verdict: .contradiction, submissionID: submission.id)
    }

    private func settle(_ submission: SubmissionRecord, as state: SubmissionState, _ response: PartnerResponse) throws
        -> HandledResponse
    {
        let findings = state == .acknowledged ? receiptFindings(submission, response) : []
        let due = state == .rejected ? try resendTime(submission, response) : nil
        try session.move(
            .submission, submission.id, from: submission.state, to: state, at: now,
            because: Cause("answered", by: deliveryActor, detail: "message \(message.id)"),
            set: milestones(response) + outcome(state, response, due: due))
        for finding in findings {
            try session.note(
                .submission, submission.id, state: state.rawValue, at: now,
                because: Cause("receipt differs", by: deliveryActor, detail: clipped(finding)))
        }
        if state == .rejected, due == nil {
            try session.escalate(submission.id, state, response.errorCode ?? "FAILURE without a code", at: now)
        }
        return HandledResponse(verdict: .applied, submissionID: submission.id, findings: findings)
    }

    private func receiptFindings(_ submission: SubmissionRecord, _ response: PartnerResponse) -> [String] {
        let sent = PartnerMessage(reading: submission.body).submission?.files ?? []
        return ReceiptCheck.findings(sent: sent, received: response.files)
    }

    private func milestones(_ response: PartnerResponse) -> [(String, (any SQLConvertible)?)] {
        [
            ("partner_received_at", response.receivedTime), ("partner_completed_at", response.processCompleteTime),
            ("responded_at", message.receivedAt),
        ]
    }

    private func outcome(_ state: SubmissionState, _ response: PartnerResponse, due: Timestamp?)
        -> [(String, (any SQLConvertible)?)]
    {
        guard state == .acknowledged else {
            return [
                ("error_code", response.errorCode.map { clipped($0) }),
                ("error", response.errorMessage.map { clipped($0) }), ("due_at", due),
            ]
        }
        return [
            ("reconciled_at", now), ("due_at", nil), ("error_code", nil), ("error", nil),
            ("catalog_id", response.catalogID), ("catalog_url", response.catalogURL),
        ]
    }

    /// When to send again, or nil to hold. The sweep does it when the time has come, unless another answer comes before.
    private func resendTime(_ submission: SubmissionRecord, _ response: PartnerResponse) throws -> Timestamp? {
        guard let policy = destinations[submission.destination]?.resend,
            case .failure(let code) = response.outcome, policy.action(on: code) == .resend,
            try session.acceptedSends(of: submission.id) < policy.maximumSends
        else { return nil }
        return steady + policy.delay
    }
}

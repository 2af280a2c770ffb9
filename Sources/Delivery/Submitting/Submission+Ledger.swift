// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// The name of this room in events.
let deliveryActor = "delivery"

extension SQLSession {
    /// Nil when this granule has a submission to this destination already.
    func insertSubmission(
        granule: Int64, destination: String, identifier: String, body: [UInt8], at moment: Timestamp
    ) throws -> Int64? {
        let id = try insert(
            """
            INSERT INTO submission (granule_id, destination, identifier, state, body, created_at)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (granule_id, destination) DO NOTHING RETURNING id
            """,
            [granule, destination, identifier, SubmissionState.pending, body, moment])
        if let id {
            let cause = Cause("composed", by: deliveryActor, detail: destination)
            try born(.submission, id, as: SubmissionState.pending, at: moment, because: cause)
        }
        return id
    }

    func submission(identifier: String) throws -> SubmissionRecord? {
        try first("SELECT * FROM submission WHERE identifier = ?", [identifier]).map(SubmissionRecord.init(row:))
    }

    /// Ends what is open of earlier revisions.
    func supersedeSubmissions(before identity: GranuleID, destination: String, at moment: Timestamp) throws {
        guard identity.revision > 1 else { return }
        let open = try query(
            """
            SELECT s.* FROM submission s JOIN granule g ON g.id = s.granule_id
            WHERE g.collection = ? AND g.version = ? AND g.name = ? AND g.revision < ? AND s.destination = ?
                AND s.state IN ('pending', 'sent', 'overdue', 'rejected')
            """,
            [identity.collection.name, identity.collection.version, identity.name, identity.revision, destination]
        ).map(SubmissionRecord.init(row:))
        for submission in open {
            try move(
                .submission, submission.id, from: submission.state, to: .superseded, at: moment,
                because: Cause("superseded by a later revision", by: deliveryActor, detail: identity.description),
                set: [("due_at", nil)])
        }
    }

    /// Closes a submission that we ourselves cannot send: it joins the rejected ones, with our error instead of the partner's.
    func giveUp(submission id: Int64, from state: SubmissionState, because error: GranaryError, at moment: Timestamp)
        throws
    {
        try move(
            .submission, id, from: state, to: .rejected, at: moment,
            because: Cause("not sendable", by: deliveryActor, detail: "\(error.message) \(error.remedy)"),
            set: [("error_code", error.code), ("error", clipped(error.message)), ("due_at", nil)])
    }

    /// Lets a submission be sent once more, with the same bytes. False, and nothing changed, while a send is under way.
    func sendAgain(_ submission: SubmissionRecord, at moment: Timestamp, due: Timestamp, because cause: Cause) throws
        -> Bool
    {
        guard try work(.sendSubmission, subject: submission.id)?.state != .running else { return false }
        if submission.state != .pending {
            try move(
                .submission, submission.id, from: submission.state, to: .pending, at: moment, because: cause,
                set: [("due_at", nil)])
        }
        if try !revive(.sendSubmission, subject: submission.id, at: due, because: cause) {
            try enqueue(.sendSubmission, subject: submission.id, dueAt: due)
        }
        return true
    }

    /// Writes down one try to send. Returns nothing: the count is in the submission's row.
    func recordAttempt(of submission: SubmissionRecord, at moment: Timestamp, brokerID: String?, error: String?) throws {
        try execute(
            "INSERT INTO submission_attempt (submission_id, number, at, broker_id, error) VALUES (?, ?, ?, ?, ?)",
            [submission.id, submission.attempts + 1, moment, brokerID, error.map { clipped($0) }])
        try execute("UPDATE submission SET attempts = attempts + 1 WHERE id = ?", [submission.id])
    }

    /// Sends that a broker took.
    func acceptedSends(of submission: Int64) throws -> Int {
        try count(
            "SELECT COUNT(*) AS n FROM submission_attempt WHERE submission_id = ? AND broker_id IS NOT NULL",
            [submission])
    }

    /// A response may be here before the submission that it answers: from a time before a restore, or another node.
    func wakeUnmatched(identifier: String, at due: Timestamp) throws {
        let waiting = try query(
            "SELECT message_in_id FROM response WHERE identifier = ? AND verdict = 'unmatched'", [identifier])
        for row in waiting {
            _ = try revive(
                .applyResponse, subject: try row.int64("message_in_id"), at: due,
                because: Cause("its submission appeared", by: deliveryActor))
        }
    }
}

/// Text from outside, cut to what is kept beside a row.
func clipped(_ text: String, to limit: Int = Limits.storedText) -> String {
    guard text.utf8.count > limit else { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
    while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end])
}

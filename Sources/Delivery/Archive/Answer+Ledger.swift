// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// A CNM-R that we owe or have sent: a row of `answer`.
struct AnswerRecord: Sendable {
    enum State: String, Sendable {
        case pending, sent
    }
    var id: Int64
    var watcher: String
    var identifier: String
    var state: State
    var isSuccess: Bool
    var granuleID: Int64?
    var body: [UInt8]
    /// How many sends of it the broker has taken.
    var sends: Int
    /// Nil while it is pending.
    var sentAt: Timestamp?

    init(row: SQLRow) throws {
        id = try row.int64("id")
        watcher = try row.text("watcher")
        identifier = try row.text("identifier")
        state = try row.word("state")
        isSuccess = try row.text("status") == "SUCCESS"
        granuleID = try row.optionalInt64("granule_id")
        body = try row.bytes("body")
        sends = try row.int("sends")
        sentAt = try row.optionalTime("sent_at")
    }
}

/// An answer as it is written down: exact bytes, before the first send.
struct NewAnswer: Sendable {
    var watcher: String
    var identifier: String
    var granuleID: Int64?
    /// Nil for SUCCESS.
    var failure: AnswerFailure?
    var body: [UInt8]
}

/// Why we could not archive what was announced.
struct AnswerFailure: Error, Hashable {
    var code: ResponseError
    var message: String
}

extension SQLSession {
    func answer(_ id: Int64) throws -> AnswerRecord? {
        try first("SELECT * FROM answer WHERE id = ?", [id]).map(AnswerRecord.init(row:))
    }

    func answer(toMessage id: Int64) throws -> AnswerRecord? {
        try first("SELECT * FROM answer WHERE message_in_id = ?", [id]).map(AnswerRecord.init(row:))
    }

    /// The answer to another message of the same bytes from the same place that was archived.
    func successfulAnswer(toBytesOf message: StoredMessage) throws -> AnswerRecord? {
        try first(
            """
            SELECT a.* FROM answer a JOIN message_in m ON m.id = a.message_in_id
            WHERE m.digest = ? AND m.source = ? AND a.status = 'SUCCESS' ORDER BY a.id LIMIT 1
            """,
            [message.digest, message.source]
        ).map(AnswerRecord.init(row:))
    }

    /// Notes that the broker has an answer.
    func recordSent(_ answer: AnswerRecord, at moment: Timestamp) throws {
        try execute("UPDATE answer SET sends = sends + 1 WHERE id = ?", [answer.id])
        try execute(
            "UPDATE answer SET state = 'sent', sent_at = ? WHERE id = ? AND state = 'pending'", [moment, answer.id])
    }

    /// Writes the answer down and leaves the work to send it. A message taken anew has its answer replaced.
    func owe(_ answer: NewAnswer, to message: Int64, at moment: Timestamp, due: Timestamp) throws {
        let id = try insert(
            """
            INSERT INTO answer (message_in_id, granule_id, watcher, identifier, state, status, error_code, error, body,
                created_at)
            VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?) ON CONFLICT (message_in_id) DO UPDATE SET
                granule_id = excluded.granule_id, state = 'pending', sent_at = NULL, status = excluded.status,
                error_code = excluded.error_code, error = excluded.error, body = excluded.body,
                created_at = excluded.created_at
            RETURNING id
            """,
            [
                message, answer.granuleID, answer.watcher, clipped(answer.identifier),
                answer.failure == nil ? "SUCCESS" : "FAILURE", answer.failure?.code.rawValue,
                answer.failure.map { clipped($0.message) }, answer.body, moment,
            ])
        guard let id else { return }
        if try !revive(.sendAnswer, subject: id, at: due, because: Cause("answered anew", by: deliveryActor)) {
            try enqueue(.sendAnswer, subject: id, dueAt: due)
        }
    }
}

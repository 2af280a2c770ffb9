// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// One CNM-S to one destination: a row of `submission`.
public struct SubmissionRecord: Sendable, Hashable, Identifiable {
    public var id: Int64
    public var granuleID: Int64
    public var destination: String
    /// Fixed before the first send; every resend carries the same.
    public var identifier: String
    public var state: SubmissionState
    /// The exact bytes of every send.
    public var body: [UInt8]
    public var attempts: Int
    public var createdAt: Timestamp
    /// When the broker acknowledged the latest send; the deadline counts from here.
    public var sentAt: Timestamp?
    /// Of a sent one, when its answer is due; of a rejected one, when it is sent again, nil where it is held.
    public var dueAt: Timestamp?
    public var partnerReceivedAt: Timestamp?
    public var partnerCompletedAt: Timestamp?
    public var respondedAt: Timestamp?
    public var reconciledAt: Timestamp?
    public var errorCode: String?
    public var error: String?
    public var catalogID: String?
    public var catalogURL: String?

    public init(row: SQLRow) throws {
        id = try row.int64("id")
        granuleID = try row.int64("granule_id")
        destination = try row.text("destination")
        identifier = try row.text("identifier")
        state = try row.word("state")
        body = try row.bytes("body")
        attempts = try row.int("attempts")
        createdAt = try row.time("created_at")
        sentAt = try row.optionalTime("sent_at")
        dueAt = try row.optionalTime("due_at")
        partnerReceivedAt = try row.optionalTime("partner_received_at")
        partnerCompletedAt = try row.optionalTime("partner_completed_at")
        respondedAt = try row.optionalTime("responded_at")
        reconciledAt = try row.optionalTime("reconciled_at")
        errorCode = try row.optionalText("error_code")
        error = try row.optionalText("error")
        catalogID = try row.optionalText("catalog_id")
        catalogURL = try row.optionalText("catalog_url")
    }
}

extension SQLSession {
    public func submission(_ id: Int64) throws -> SubmissionRecord? {
        try first("SELECT * FROM submission WHERE id = ?", [id]).map(SubmissionRecord.init(row:))
    }
}

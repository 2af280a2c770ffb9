// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
internal import GranaryCore

extension Listing {
    /// Submissions with why they are where they are, and the command that moves those which an operator can move.
    static let submissions = Listing(fields: [
        .integer("id", "s.id"), .text("destination", "s.destination"), .text("identifier", "s.identifier"),
        .text("collection", "g.collection"), .text("version", "g.version"), .text("granule", "g.name"),
        .integer("revision", "g.revision"), .text("state", "s.state"), .text("error_code", "s.error_code"),
        .text("reason", "COALESCE(s.error, \(lastFailure), \(standing))"), .integer("attempts", "s.attempts"),
        .time("created_at", "s.created_at"), .time("sent_at", "s.sent_at"), .time("due_at", "s.due_at"),
        .time("responded_at", "s.responded_at"),
        .text(
            "command",
            "CASE WHEN s.state IN ('rejected', 'overdue') THEN 'granary delivery resend ' || CAST(s.id AS TEXT) END"),
    ])

    /// Why it could not be sent the last time.
    private static let lastFailure = """
        (SELECT t.error FROM submission_attempt t WHERE t.submission_id = s.id ORDER BY t.number DESC LIMIT 1)
        """

    private static var standing: String {
        let cases = SubmissionState.allCases.map { "WHEN '\($0.rawValue)' THEN '\($0.standing)'" }
        return "CASE s.state \(cases.joined(separator: " ")) END"
    }
}

extension SubmissionState {
    /// What this state means to somebody who asks why there is no acknowledgement.
    fileprivate var standing: String {
        switch self {
        case .pending: "not sent yet"
        case .sent: "waits for the answer of the partner"
        case .overdue: "the partner did not answer in time"
        case .rejected: "the partner gave no reason"
        case .cancelled: "cancelled by an operator"
        case .superseded: "a later revision took its place"
        case .acknowledged: "acknowledged"
        }
    }
}

extension SQLSession {
    /// Every submission of a delivery report that no partner has acknowledged; as many as the report says.
    public func unacknowledged(in request: ReportRequest) throws -> Table {
        let open = SubmissionState.allCases.filter { $0 != .acknowledged }
        let rows = try open.flatMap { try details(.submissions($0), of: .total, in: request).rows }
        return Table(Listing.submissions.columns, rows: rows)
    }
}

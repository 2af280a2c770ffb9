// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
internal import GranaryCore
public import Logging
public import ServiceLifecycle

/// Looks after submissions whose time has come: unanswered by their deadline, or refused and due for another send.
///
/// Every resend that no operator asked for happens here, so the cap is kept in one place. What may not be sent again is
/// left to an operator, with an event `escalated` and an error in the log.
public struct OverdueSweep: Service {
    private let catalog: Catalog
    private let policies: [String: ResendPolicy]
    private let interval: Duration
    private let logger: Logger

    public init(
        catalog: Catalog, destinations: [Destination], interval: Duration = .seconds(10),
        logger: Logger = Logger(label: "granary.delivery")
    ) {
        self.catalog = catalog
        policies = Dictionary(destinations.map { ($0.name, $0.resend) }) { first, _ in first }
        self.interval = interval
        self.logger = logger
    }

    public func run() async throws { try await atSteadyPace(every: interval, sweepOnce) }

    /// Takes up one page of what is due. Returns how many submissions changed.
    @discardableResult
    public func sweepOnce() async throws -> Int {
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        let outcomes = try await catalog.write { session in
            try session.dueSubmissions(at: steady).map { submission in
                (submission, try sweep(submission, in: session, at: now, steady: steady))
            }
        }
        for (submission, outcome) in outcomes where outcome == .escalated {
            logger.error(
                "no answer, and no resend is left",
                metadata: ["submission": "\(submission.id)", "destination": "\(submission.destination)"])
        }
        return outcomes.count { $0.1 != .waits }
    }

    private enum Outcome {
        case resent, escalated
        /// A send is under way; it is looked at again next time.
        case waits
    }

    private func sweep(
        _ submission: SubmissionRecord, in session: any SQLSession, at now: Timestamp, steady: Timestamp
    ) throws -> Outcome {
        // A refused submission has a due time only where its resend was decided.
        if submission.state == .rejected { return try resend(submission, in: session, at: now, steady: steady) }
        // Known to no configuration any more: nobody said that it may be sent again.
        let policy = policies[submission.destination] ?? ResendPolicy(overdue: .hold)
        let sends = try session.acceptedSends(of: submission.id)
        guard policy.overdue == .hold || sends >= policy.maximumSends else {
            return try resend(submission, in: session, at: now, steady: steady)
        }
        try session.markOverdue(submission, at: now)
        try session.escalate(submission.id, .overdue, "no answer after \(sends) sends", at: now)
        return .escalated
    }

    private func resend(
        _ submission: SubmissionRecord, in session: any SQLSession, at now: Timestamp, steady: Timestamp
    ) throws -> Outcome {
        var submission = submission
        guard try session.work(.sendSubmission, subject: submission.id)?.state != .running else { return .waits }
        if submission.state == .sent {
            try session.markOverdue(submission, at: now)
            submission.state = .overdue
        }
        let cause = Cause("sent again by policy", by: deliveryActor)
        return try session.sendAgain(submission, at: now, due: steady, because: cause) ? .resent : .waits
    }
}

extension SQLSession {
    fileprivate func dueSubmissions(at steady: Timestamp) throws -> [SubmissionRecord] {
        try query(
            "SELECT * FROM submission WHERE state IN ('sent', 'rejected') AND due_at <= ? ORDER BY due_at, id LIMIT ?",
            [steady, Limits.rowPage]
        ).map(SubmissionRecord.init(row:))
    }

    fileprivate func markOverdue(_ submission: SubmissionRecord, at moment: Timestamp) throws {
        try move(
            .submission, submission.id, from: submission.state, to: SubmissionState.overdue, at: moment,
            because: Cause("no answer by the deadline", by: deliveryActor), set: [("due_at", nil)])
    }

    /// Writes down that only an operator can help now.
    func escalate(_ id: Int64, _ state: SubmissionState, _ why: String, at moment: Timestamp) throws {
        try note(
            .submission, id, state: state.rawValue, at: moment,
            because: Cause("escalated", by: deliveryActor, detail: why))
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
internal import GranaryCore
public import Logging
public import ServiceLifecycle

/// Reads stored answers, matches them with submissions, and settles these; an answer and its effect are one transaction.
///
/// An answer counts only when it came in on the receiving side of the submission's destination: an identifier alone gives
/// nobody a say over another partner's deliveries.
public struct ResponseReconciler: Service {
    private let catalog: Catalog
    private let destinations: [String: Destination]
    private let interval: Duration
    private let logger: Logger

    private static let batch = 32

    public init(
        catalog: Catalog, destinations: [Destination], interval: Duration = .seconds(1),
        logger: Logger = Logger(label: "granary.delivery")
    ) {
        self.catalog = catalog
        self.destinations = Dictionary(destinations.map { ($0.name, $0) }) { first, _ in first }
        self.interval = interval
        self.logger = logger
    }

    public func run() async throws { try await atSteadyPace(every: interval, reconcileOnce) }

    /// Takes up one batch of answers. Returns how many.
    @discardableResult
    public func reconcileOnce() async throws -> Int {
        let claim = WorkClaim(.applyResponse, owner: "reconciler", now: catalog.steady.now(), limit: Self.batch)
        let claimed = try await catalog.write { session in
            try session.claimWork(claim).map { ($0, try session.message($0.subjectID)) }
        }
        for (work, message) in claimed {
            try await toleratingLostLease(logger) { try await reconcile(message, work) }
        }
        return claimed.count
    }

    private func reconcile(_ message: StoredMessage, _ work: WorkItem) async throws {
        let read = PartnerMessage(reading: message.body)
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        let handled = try await catalog.write { session in
            let handled = try ResponseHandling(
                session: session, message: message, read: read, destinations: destinations, now: now, steady: steady
            ).handle()
            try session.upsert(handled, message: message.id, read: read, at: now)
            try session.finish(work, .completed, at: steady)
            return handled
        }
        crashPoint(.responseApplied)
        report(handled, message)
    }

    private func report(_ handled: HandledResponse, _ message: StoredMessage) {
        let level: Logger.Level =
            switch handled.verdict {
            case .applied: handled.findings.isEmpty ? .notice : .warning
            case .duplicate: .debug
            case .contradiction: .error
            case .unmatched, .unreadable: .warning
            }
        logger.log(
            level: level, "response \(handled.verdict.rawValue)",
            metadata: [
                "message": "\(message.id)", "submission": "\(handled.submissionID.map(String.init) ?? "none")",
                "findings": "\(handled.findings.count)",
            ])
    }
}

/// What became of a response: a row of `response`.
struct HandledResponse: Sendable {
    enum Verdict: String, Sendable, SQLConvertible {
        case applied, duplicate, contradiction, unmatched, unreadable
    }
    var verdict: Verdict
    var submissionID: Int64?
    /// For unreadable messages, why.
    var error: String?
    var findings: [String] = []
}

extension SQLSession {
    /// One row for each message: a message that is read again, as an unmatched one is, replaces its verdict.
    fileprivate func upsert(
        _ handled: HandledResponse, message: Int64, read: PartnerMessage, at moment: Timestamp
    ) throws {
        let response = read.response
        try execute(
            """
            INSERT INTO response (message_in_id, submission_id, identifier, status, error_code, error, verdict, deviations,
                findings, handled_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (message_in_id) DO UPDATE SET
                submission_id = excluded.submission_id, verdict = excluded.verdict, findings = excluded.findings,
                handled_at = excluded.handled_at
            """,
            [
                message, handled.submissionID, read.identifier.map { clipped($0) },
                response.map { $0.outcome == .success ? "SUCCESS" : "FAILURE" }, response?.errorCode.map { clipped($0) },
                (handled.error ?? response?.errorMessage).map { clipped($0) }, handled.verdict,
                listText(read.deviations), listText(handled.findings), moment,
            ])
    }
}

extension PartnerMessage {
    var response: PartnerResponse? {
        if case .response(let response) = content { response } else { nil }
    }
    var submission: PartnerSubmission? {
        if case .submission(let submission) = content { submission } else { nil }
    }
}

private func listText(_ lines: [String]) -> String { JSONValue.array(lines.map(JSONValue.string)).text }

// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
internal import GranaryCore

/// Where operators act on deliveries.
public struct DeliveryDesk: Sendable {
    private let catalog: Catalog
    private let destinations: [String: Destination]
    private let composer: SubmissionComposer
    private let audit: ActAudit

    public init(
        catalog: Catalog, destinations: [Destination], schemas: MessageSchemas, audit: @escaping ActAudit = { _, _ in }
    ) {
        self.catalog = catalog
        self.audit = audit
        self.destinations = Dictionary(destinations.map { ($0.name, $0) }) { first, _ in first }
        composer = SubmissionComposer(schemas: schemas, randomness: SystemRandomness())
    }

    /// Sends submissions again: same identifier, same bytes. One line for each, in order; one that can't does not stop
    /// the others. A submission for which no message could be written yet is written now.
    ///
    /// The cap on sends binds the policy, not the operator.
    public func resend(
        _ ids: [Int64], actor: String, reason: String, dryRun: Bool = false
    ) async throws -> [ActOutcome.Line] {
        var lines: [ActOutcome.Line] = []
        let cause = Cause("resent by operator", by: actor, detail: reason)
        for id in ids {
            let line = try await catalog.write { session in
                let line = try resend(id, cause, dryRun, in: session)
                try audit(session, line)
                return line
            }
            lines.append(line)
        }
        return lines
    }

    private func resend(_ id: Int64, _ cause: Cause, _ dryRun: Bool, in session: any SQLSession) throws
        -> ActOutcome.Line
    {
        guard let submission = try session.submission(id) else { return refusal(id, "There is no such submission.") }
        guard submission.state == .pending || submission.state.canBecome(.pending) else {
            return refusal(id, "It is \(submission.state.rawValue), and stays so.")
        }
        guard try session.work(.sendSubmission, subject: id)?.state != .running else {
            return refusal(id, "It is being sent at this moment.")
        }
        let now = catalog.clock.now()
        do {
            let body = submission.body.isEmpty ? try compose(submission, in: session, at: now) : nil
            guard !dryRun else { return ActOutcome.Line("\(id)", done: false, "It would be sent again.") }
            if let body { try session.execute("UPDATE submission SET body = ? WHERE id = ?", [body, id]) }
            _ = try session.sendAgain(submission, at: now, due: catalog.steady.now(), because: cause)
            return ActOutcome.Line("\(id)", done: true, "It will be sent to \(submission.destination) again.")
        } catch let error as GranaryError where error.disposition == .quarantine {
            return refusal(id, "\(error.message) \(error.remedy)")
        }
    }

    private func compose(_ submission: SubmissionRecord, in session: any SQLSession, at moment: Timestamp) throws
        -> [UInt8]
    {
        guard let destination = destinations[submission.destination],
            let granule = try session.granule(submission.granuleID)
        else {
            throw GranaryError(
                .configurationInvalid, "The destination \(submission.destination) is not configured any more.",
                subject: "submission \(submission.id)", remedy: "Configure it again, then resend.",
                disposition: .quarantine)
        }
        return try composer.compose(
            granule, files: session.files(ofGranule: granule.id), for: destination, identifier: submission.identifier,
            at: moment)
    }
}

private func refusal(_ id: Int64, _ why: String) -> ActOutcome.Line { ActOutcome.Line("\(id)", done: false, why) }

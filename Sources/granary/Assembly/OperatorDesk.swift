// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryDelivery
import GranaryIngest
import GranaryProcessing

/// Performs operators' acts for whoever owns the catalog, the service or a command, and writes each into the audit log.
struct OperatorDesk: ActPerformer {
    let site: Site

    func perform(_ act: OperatorAct) async throws -> ActOutcome {
        ActOutcome(lines: try await lines(of: act, audit: audit(of: act)))
    }

    private func lines(of act: OperatorAct, audit: @escaping ActAudit) async throws -> [ActOutcome.Line] {
        let quarantine = QuarantineDesk(catalog: site.catalog, audit: audit)
        switch act.verb {
        case .quarantineRetry:
            return try await quarantine.retry(try ids(act), by: act.actor, reason: act.reason, dryRun: act.dryRun)
        case .quarantineRelease:
            return try await quarantine.release(try ids(act), by: act.actor, reason: act.reason, dryRun: act.dryRun)
        case .quarantineReject:
            return try await quarantine.reject(try ids(act), by: act.actor, reason: act.reason, dryRun: act.dryRun)
        case .jobRetry:
            return try await JobDesk(site.catalog, audit: audit).retry(
                try ids(act), actor: act.actor, reason: act.reason, dryRun: act.dryRun)
        case .deliveryResend:
            return try await deliveryDesk(audit).resend(
                try ids(act), actor: act.actor, reason: act.reason, dryRun: act.dryRun)
        case .ingest:
            return try await ingest(act, audit: audit)
        }
    }

    private func deliveryDesk(_ audit: @escaping ActAudit) -> DeliveryDesk {
        DeliveryDesk(
            catalog: site.catalog, destinations: site.configuration.destinations.map(\.destination),
            schemas: site.schemas,
            audit: audit)
    }

    /// A take-in is many transactions, and each arrival has its own events; what was asked for is written once it has ended.
    private func ingest(_ act: OperatorAct, audit: @escaping ActAudit) async throws -> [ActOutcome.Line] {
        let lines = try await HandDesk(site: site).take(act.subjects, dryRun: act.dryRun)
        let summary = "\(lines.count) files were looked at; \(lines.count { !$0.done }) need attention."
        try await site.catalog.write { session in
            for path in act.subjects { try audit(session, ActOutcome.Line(path, done: true, summary)) }
        }
        return lines
    }

    private func ids(_ act: OperatorAct) throws -> [Int64] {
        try act.subjects.map { text in
            guard let id = Int64(text) else {
                throw GranaryError(
                    .invalid, "\(text) is not a row's number.", subject: text, remedy: "The `list` commands print them."
                )
            }
            return id
        }
    }

    /// What every line of the act writes into the audit log, in the transaction of what it says. A rehearsal writes nothing.
    private func audit(of act: OperatorAct) -> ActAudit {
        let now = site.catalog.clock.now()
        return { session, line in
            guard !act.dryRun else { return }
            try session.audit(
                AuditEntry(
                    at: now, actor: act.actor, action: act.verb.rawValue, subject: line.subject, reason: act.reason,
                    outcome: line.message))
        }
    }
}

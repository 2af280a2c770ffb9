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
        let outcome = ActOutcome(lines: try await lines(of: act))
        if !act.dryRun { try await audit(act, outcome) }
        return outcome
    }

    private func lines(of act: OperatorAct) async throws -> [ActOutcome.Line] {
        let quarantine = QuarantineDesk(catalog: site.catalog)
        switch act.verb {
        case .quarantineRetry:
            return try await quarantine.retry(try ids(act), by: act.actor, reason: act.reason, dryRun: act.dryRun)
        case .quarantineRelease:
            return try await quarantine.release(try ids(act), by: act.actor, reason: act.reason, dryRun: act.dryRun)
        case .quarantineReject:
            return try await quarantine.reject(try ids(act), by: act.actor, reason: act.reason, dryRun: act.dryRun)
        case .jobRetry:
            return try await JobDesk(site.catalog).retry(try ids(act), actor: act.actor, reason: act.reason, dryRun: act.dryRun)
        case .deliveryResend:
            return try await deliveryDesk.resend(try ids(act), actor: act.actor, reason: act.reason, dryRun: act.dryRun)
        case .ingest:
            return try await HandDesk(site: site).take(act.subjects, dryRun: act.dryRun)
        }
    }

    private var deliveryDesk: DeliveryDesk {
        DeliveryDesk(
            catalog: site.catalog, destinations: site.configuration.destinations.map(\.destination), schemas: site.schemas)
    }

    private func ids(_ act: OperatorAct) throws -> [Int64] {
        try act.subjects.map { text in
            guard let id = Int64(text) else {
                throw GranaryError(.invalid, "\(text) is not a row's number.", subject: text, remedy: "The `list` commands print them.")
            }
            return id
        }
    }

    private func audit(_ act: OperatorAct, _ outcome: ActOutcome) async throws {
        let now = site.catalog.clock.now()
        try await site.catalog.write { session in
            for line in outcome.lines {
                _ = try session.audit(
                    AuditEntry(
                        at: now, actor: act.actor, action: act.verb.rawValue, subject: line.subject, reason: act.reason,
                        outcome: line.message))
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryMetrics

/// What the demonstration tells at its end, from the ledgers of both sites.
struct DemoStory {
    let sds: Site
    let daac: Site
    let staging: String

    func tell() async throws {
        try await tellFiles()
        try await tellTrace()
        for kind in [ReportRequest.Kind.accountability, .latency] { try await tell(kind, of: sds) }
        try await tell(.delivery, of: sds)
        try await tellPartner()
    }

    /// Every file of the staging area with its state: the sum must be what lies there.
    private func tellFiles() async throws {
        heading("Every file of \(staging), and what became of it")
        let arrivals = try await sds.catalog.read { session in
            try session.query("SELECT * FROM arrival WHERE source = 'inbound' ORDER BY path, id").map(
                ArrivalRecord.init(row:))
        }
        var table = Table([.text("file"), .text("state"), .text("reason")], rows: [])
        for arrival in arrivals {
            table.append([.text(shortened(arrival.path)), .text(arrival.state.rawValue), .text(arrival.reason ?? "")])
        }
        standardOutput(table.rendered(as: .table))
        try await proveTotal(arrivals)
    }

    private func proveTotal(_ arrivals: [ArrivalRecord]) async throws {
        var listed = 0
        for watcher in sds.configuration.watchers {
            for try await page in try sds.stores.source(watcher.source).entries() { listed += page.count }
        }
        let known = Set(arrivals.map(\.path)).count
        guard listed == known, arrivals.allSatisfy({ $0.state != .verifying }) else {
            throw GranaryError(
                "demo.unaccounted", "\(listed) files lie in \(staging), and the ledger knows \(known) of them.",
                subject: staging,
                remedy: "This is a defect; please report it with the demo's folder.")
        }
        standardOutput("\(listed) files lie there, \(arrivals.count) are in the ledger, each in exactly one state.")
    }

    private func tellTrace() async throws {
        let found = try await sds.catalog.read { session in
            try session.first("SELECT id FROM granule WHERE job_id IS NOT NULL ORDER BY id LIMIT 1").map {
                try $0.int64("id")
            }
        }
        guard let id = found, let trace = try await sds.catalog.read({ try $0.trace(ofGranule: id) }) else { return }
        heading("The life of one product (granary granule trace \(trace.granule.identity.name))")
        standardOutput(trace.text)
    }

    private func tell(_ kind: ReportRequest.Kind, of site: Site) async throws {
        heading("\(site.configuration.site): granary report \(kind.rawValue)")
        let report = try await site.catalog.report(try ReportRequest(kind), generatedAt: site.catalog.clock.now())
        standardOutput(report.rendered(as: .table))
    }

    private func tellPartner() async throws {
        heading("The partner's side: \(daac.configuration.site)")
        let received = try await daac.catalog.read { session in
            try session.query(
                """
                SELECT g.collection, COUNT(*) AS n FROM granule g JOIN answer a ON a.granule_id = g.id
                WHERE g.state = 'archived' AND a.status = 'SUCCESS' AND a.state = 'sent' GROUP BY g.collection ORDER BY 1
                """
            ).map { (try $0.text("collection"), try $0.int("n")) }
        }
        for (collection, count) in received {
            standardOutput("  \(collection): \(count) granules fetched, verified, archived, answered")
        }
    }

    /// A name of 255 bytes would make the table unreadable: its middle is left out.
    private func shortened(_ path: BytePath) -> String {
        let text = path.description
        return text.count <= 78 ? text : "\(text.prefix(48))…\(text.suffix(29))"
    }

    private func heading(_ text: String) { standardOutput("\n== \(text)\n") }
}

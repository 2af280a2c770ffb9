// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryMetrics
import Testing

@Suite struct AccountabilityTests {
    private let site: Site
    private let noon: Timestamp
    private let today: Period

    init() throws {
        site = try Site()
        noon = try moment("2026-11-21T12:00Z")
        today = try Period.testing("2026-11-21")
    }

    private func report(_ request: ReportRequest) async throws -> AccountabilityReport {
        try await site.catalog.read { try AccountabilityReport(request, in: $0) }
    }

    private let sentinel = RowKey.collection(CollectionID(name: "SENTINEL", version: "001"))

    @Test("an empty catalog gives a balanced report of nothing but its total")
    func empty() async throws {
        let document = try await site.catalog.report(try ReportRequest(.accountability), generatedAt: noon)
        #expect(document.table.rows.count == 1)
        #expect(document.isComplete)
        #expect(document.panels.count == 6)
        #expect(document.rendered(as: .csv).split(separator: "\r\n").count == 2)
        for case .fields(let fields) in document.panels.map(\.content) {
            #expect(throws: Never.self) { try document.table.selecting(fields) }
        }
    }

    @Test("a period holds its start and not its end")
    func boundaries() async throws {
        let ends = [today.start, today.start - .microseconds(1), today.end, today.end - .microseconds(1)]
        try await site.write { session in
            for (number, at) in ends.enumerated() {
                let granule = try session.addGranule("g\(number)", observed: at)
                try session.addArrival(BytePath("f\(number)"), granule: granule, observed: at)
                try session.addSubmission(of: granule, created: at)
                try session.addPromise(BytePath("f\(number)"), at: at)
            }
        }
        let report = try await report(try ReportRequest(.accountability, period: today))
        for measure in [Measure.observed, .granules, .submissions, .promised] {
            #expect(report[.total, measure].count == 2, "\(measure.name)")
        }
    }

    @Test("what belongs to no collection has a row of its own, and sources have theirs")
    func unassigned() async throws {
        let noon = noon
        try await site.write { session in
            try session.addArrival("stray", source: "south", state: .ignored, size: 5, observed: noon)
            let granule = try session.addGranule("g", observed: noon)
            try session.addArrival("f", size: 7, granule: granule, observed: noon)
            let early = try session.addArrival("early", state: .waiting, observed: noon)
            try session.execute(
                "UPDATE arrival SET collection = 'SENTINEL', version = '001', granule = 'h' WHERE id = ?", [early])
        }
        let report = try await report(try ReportRequest(.accountability))
        #expect(report.rows == [sentinel, .unassigned, .source("north"), .source("south")])
        #expect(report[.unassigned, .files(.ignored)] == Amount(count: 1, sum: 5))
        #expect(report[sentinel, .files(.archived)] == Amount(count: 1, sum: 7))
        #expect(report[sentinel, .files(.waiting)].count == 1)
        #expect(report[.source("south"), .observed].count == 1)
    }

    @Test("collections whose names differ only in their bytes are two")
    func normalization() async throws {
        let noon = noon
        try await site.write { session in
            _ = try session.addGranule("g", collection: "caf\u{e9}", observed: noon)
            _ = try session.addGranule("g", collection: "cafe\u{301}", observed: noon)
        }
        #expect(try await report(try ReportRequest(.accountability)).rows.count == 2)
    }

    @Test("what a manifest promised and nobody saw is missing, once for each path, and listed")
    func promised() async throws {
        let noon = noon
        try await site.write { session in
            try session.addPromise("seen", at: noon)
            try session.addPromise("gone", at: noon)
            try session.addPromise("gone", checksum: "sha1:2", at: noon)
            try session.addPromise("seen", source: "south", at: noon)
            try session.addArrival("seen", state: .observed, observed: noon)
            _ = try session.addGranule("w", state: .waiting, observed: noon, missing: #"["*.met"]"#)
            _ = try session.addGranule("i", state: .incomplete, observed: noon, missing: #"["*.dat"]"#)
        }
        let request = try ReportRequest(.accountability, period: today)
        let report = try await report(request)
        #expect(report[.total, .promised].count == 3)
        #expect(report[.total, .missingFiles].count == 2)
        #expect(report[.source("south"), .missingFiles].count == 1)
        #expect(report[sentinel, .missingGranules].count == 2)
        let list = try await site.catalog.details(.missingFiles, of: .source("north"), in: request)
        #expect(try list.selecting(["path"]).rows == [[.path("gone")]])
        let lacking = try await site.catalog.details(.missingGranules, of: .total, in: request)
        #expect(try lacking.selecting(["missing"]).rows == [[.text(#"["*.met"]"#)], [.text(#"["*.dat"]"#)]])
    }

    @Test("products of jobs are counted once they are archived")
    func produced() async throws {
        let noon = noon
        try await site.write { session in
            let job = try session.addJob(accepted: noon, started: noon, ended: noon)
            _ = try session.addGranule("done", observed: noon, job: job)
            _ = try session.addGranule("bad", state: .quarantined, observed: noon, job: job)
        }
        #expect(try await report(try ReportRequest(.accountability))[.total, .produced].count == 1)
    }

    @Test("a report whose numbers contradict each other is refused", arguments: Damage.allCases)
    func unbalanced(_ damage: Damage) async throws {
        let noon = noon
        try await site.write { session in
            let granule = try session.addGranule("g", observed: noon)
            try session.addArrival("f", granule: granule, observed: noon)
            try session.addSubmission(of: granule, created: noon)
        }
        let request = try ReportRequest(.accountability, by: .day)
        #expect(try await report(request)[.total, .observed].count == 1)
        try await site.write { try damage.plant(in: $0, at: noon) }
        let failed = await code { _ = try await site.catalog.report(request, generatedAt: noon) }
        #expect(failed == .reportUnbalanced)
    }

    /// A row that breaks what the ledger promises.
    enum Damage: String, CaseIterable, Sendable {
        case archivedWithoutFile, fileOfOtherSize, unknownArrivalState, unknownGranuleState, unknownSubmissionState

        func plant(in session: any SQLSession, at noon: Timestamp) throws {
            try session.execute("PRAGMA ignore_check_constraints = ON")
            switch self {
            case .archivedWithoutFile: try session.addArrival("x", observed: noon, withFile: false)
            case .fileOfOtherSize: try session.execute("UPDATE file SET size = size + 1")
            case .unknownArrivalState: try session.execute("UPDATE arrival SET state = 'lost'")
            case .unknownGranuleState: try session.execute("UPDATE granule SET state = 'lost'")
            case .unknownSubmissionState: try session.execute("UPDATE submission SET state = 'lost'")
            }
        }
    }

    @Test("the same report rendered twice is the same bytes, in every format", arguments: OutputFormat.allCases)
    func repeatable(_ format: OutputFormat) async throws {
        let noon = noon
        try await site.write { session in
            for number in 0..<5 {
                let granule = try session.addGranule("g", collection: "=C\(number)\u{1B}", observed: noon)
                try session.addArrival(BytePath("f\(number)"), granule: granule, observed: noon)
            }
        }
        let request = try ReportRequest(.accountability, period: today)
        let first = try await site.catalog.report(request, generatedAt: noon).rendered(as: format)
        let second = try await site.catalog.report(request, generatedAt: noon).rendered(as: format)
        #expect(first.utf8.elementsEqual(second.utf8))
        #expect(!first.unicodeScalars.contains("\u{1B}") || format == .csv)
        if format == .csv { #expect(first.contains("'=C0")) }
        if format == .table { #expect(first.contains("complete   false: the period is not over")) }
        if format == .table { #expect(first.contains("clock      observed")) }
        if format == .json { #expect(try JSONValue(parsing: first)["complete"] == .boolean(false)) }
    }
}

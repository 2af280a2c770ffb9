// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryMetrics
import Testing

@Suite struct DeliveryTests {
    private let site: Site
    private let start: Timestamp

    init() throws {
        site = try Site()
        start = try moment("2026-11-21T00:00Z")
    }

    /// One submission of every state to one destination, and four rejected ones to another.
    private func fill() async throws {
        let start = start
        try await site.write { session in
            for (number, state) in SubmissionState.allCases.enumerated() {
                let granule = try session.addGranule("g\(number)", observed: start)
                try session.addSubmission(
                    of: granule, to: "DAAC", state: state, attempts: 2, created: start + .seconds(number),
                    code: state == .rejected ? "TRANSFER_ERROR" : nil)
            }
            for (number, code) in ["VALIDATION_ERROR", "PROCESSING_ERROR", "=cmd", nil].enumerated() {
                let granule = try session.addGranule("h\(number)", observed: start)
                try session.addSubmission(of: granule, to: "ESA", state: .rejected, created: start, code: code)
            }
        }
    }

    @Test("each destination has its states, its codes, its attempts and its oldest open submission")
    func destinations() async throws {
        try await fill()
        let request = try ReportRequest(.delivery)
        let report = try await site.catalog.read { try DeliveryReport(request, in: $0) }
        #expect(report.rows == [.destination("DAAC"), .destination("ESA")])
        for state in SubmissionState.allCases { #expect(report[.destination("DAAC"), .submissions(state)].count == 1) }
        #expect(report[.destination("DAAC"), .submissions].sum == 14, "attempts")
        #expect(report[.destination("ESA"), .rejected(.validation)].count == 1)
        #expect(report[.destination("ESA"), .rejected(nil)].count == 2)
        #expect(report[.total, .rejected(.transfer)].count == 1)
        let table = report.document(generatedAt: start + .seconds(3600)).table
        #expect(try table.selecting(["attempts", "oldest_open_at", "oldest_open_age"]).rows == [
            [.integer(14), .time(start), .duration(.seconds(3600))], [.integer(4), .none, .none],
            [.integer(18), .time(start), .duration(.seconds(3600))],
        ])
    }

    @Test("what is not acknowledged is listed with its reason and the command that remedies it")
    func unacknowledged() async throws {
        try await fill()
        let request = try ReportRequest(.delivery)
        let list = try await site.catalog.unacknowledged(in: request)
        let report = try await site.catalog.read { try DeliveryReport(request, in: $0) }
        let expected = report[.total, .submissions].count - report[.total, .submissions(.acknowledged)].count
        #expect(Int64(list.rows.count) == expected)
        for row in try list.selecting(["id", "state", "reason", "command"]).rows {
            guard case .integer(let id) = row[0] else { Issue.record("no id"); continue }
            let canBeResent = row[1] == .text("rejected") || row[1] == .text("overdue")
            #expect(row[3] == (canBeResent ? .text("granary delivery resend \(id)") : .none))
            #expect(row[2] != .none)
        }
        #expect(list.rendered(as: .csv).contains("'=cmd"))
    }

    @Test("a submission composed exactly at the end of the period is outside, in the report and in its list")
    func boundaries() async throws {
        try await fill()
        let period = try #require(Period(from: start, to: start + .seconds(1)))
        let request = try ReportRequest(.delivery, period: period)
        let report = try await site.catalog.read { try DeliveryReport(request, in: $0) }
        #expect(report[.destination("DAAC"), .submissions].count == 1)
        #expect(try await site.catalog.unacknowledged(in: request).rows.count == 5)
    }

    @Test("a state that nobody knows makes the report refuse to speak")
    func unbalanced() async throws {
        try await fill()
        try await site.write { session in
            try session.execute("PRAGMA ignore_check_constraints = ON")
            try session.execute("UPDATE submission SET state = 'lost' WHERE state = 'pending'")
        }
        let request = try ReportRequest(.delivery)
        #expect(await code { _ = try await site.catalog.report(request, generatedAt: start) } == .reportUnbalanced)
    }

    @Test("a number that a report does not have has no list")
    func noSuchNumber() async throws {
        let request = try ReportRequest(.delivery)
        #expect(await code { _ = try await site.catalog.details(.observed, of: .total, in: request) } == .notFound)
    }

    @Test("an empty catalog gives an empty report")
    func empty() async throws {
        let request = try ReportRequest(.delivery, by: .day)
        let document = try await site.catalog.report(request, generatedAt: start)
        #expect(document.table.rows.count == 1)
        #expect(document.rendered(as: .jsonl).contains(#""name":"(total)","submissions":0"#))
    }
}

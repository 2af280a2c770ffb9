// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryMetrics
import Testing

@Suite struct PeriodTests {
    @Test(
        "periods are read as people write them",
        arguments: [
            ("2026-11-21", "2026-11-21", "2026-11-22"), ("2026-11", "2026-11-01", "2026-12-01"),
            ("2026-12", "2026-12-01", "2027-01-01"), ("2026", "2026-01-01", "2027-01-01"),
            ("2024-02-29", "2024-02-29", "2024-03-01"), ("2026-12-31", "2026-12-31", "2027-01-01"),
            ("2026-11-21T00:00Z/2026-11-22T00:00Z", "2026-11-21", "2026-11-22"),
            ("2026-11-21T01:00+01:00/2026-11-21T12:00Z", "2026-11-21", "2026-11-21T12:00Z"),
            ("day", "2026-03-01", "2026-03-02"), ("today", "2026-03-01", "2026-03-02"),
            ("yesterday", "2026-02-28", "2026-03-01"), ("month", "2026-03-01", "2026-04-01"),
            ("last-month", "2026-02-01", "2026-03-01"),
        ])
    func read(_ text: String, _ start: String, _ end: String) throws {
        let period = try Period(parsing: text, now: try moment("2026-03-01T23:59:59.999999Z"))
        #expect(period.start == (try moment(start)))
        #expect(period.end == (try moment(end)))
        #expect(try Period(parsing: period.description, now: period.start) == period)
    }

    @Test(
        "what is no period is refused with a remedy",
        arguments: [
            "", "2026-13", "2026-02-30", "2026-1", "26", "tomorrow", "2026-11-22/2026-11-21", "2026-11-21/2026-11-21",
            "2026-11-21/", "a/b/c", "+026", "2026-11-2x", "9999-99-99", "\u{0661}\u{0662}\u{0663}\u{0664}", "-", "--",
        ])
    func refused(_ text: String) async {
        #expect(await code { _ = try Period(parsing: text, now: Timestamp(seconds: 0)) } == .invalid)
    }

    @Test("the start is inside and the end is outside")
    func halfOpen() throws {
        let period = try Period.testing("2026-11-21")
        #expect(period.contains(period.start))
        #expect(period.contains(period.end - .microseconds(1)))
        #expect(!period.contains(period.end))
        #expect(!period.contains(period.start - .microseconds(1)))
    }

    @Test("a clock or an axis that means nothing for a report is refused")
    func requests() async {
        #expect(await code { _ = try ReportRequest(.accountability, clock: .reconciled) } == .invalid)
        #expect(await code { _ = try ReportRequest(.accountability, by: .destination) } == .invalid)
        #expect(await code { _ = try ReportRequest(.delivery, clock: .jobEnded) } == .invalid)
        #expect(await code { _ = try ReportRequest(.latency, clock: .jobEnded, by: .destination) } == nil)
    }
}

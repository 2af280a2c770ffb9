// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryMetrics
import GranaryTesting
import Testing

@Suite struct LatencyTests {
    private let site: Site
    private let start: Timestamp
    private let archiving = Interval(from: .observed, to: .archived)

    init() throws {
        site = try Site()
        start = try moment("2026-11-21T00:00Z")
    }

    private func report(_ request: ReportRequest) async throws -> LatencyReport {
        try await site.catalog.read { try LatencyReport(request, in: $0) }
    }

    /// Granules that took these many microseconds from observed to archived.
    private func archive(_ latencies: [Int64], collection: String = "SENTINEL") async throws {
        let start = start
        try await site.write { session in
            for (number, latency) in latencies.enumerated() {
                _ = try session.addGranule(
                    "g\(number)", collection: collection, observed: start, archived: start + .microseconds(latency))
            }
        }
    }

    /// Nearest rank worked out by hand: P is the ⌈p · n / 100⌉th of the sorted values.
    @Test(
        "percentiles are the nearest rank, exactly",
        arguments: [
            ([42], [42, 42, 42, 42, 42]),
            ([10, 20], [15, 10, 20, 20, 20]),
            ([30, 10, 20], [20, 20, 30, 30, 30]),
            ([5, 5, 5, 5, 9], [5, 5, 9, 9, 9]),
            ([15, 20, 35, 40, 50], [32, 35, 50, 50, 50]),
            (Array(1...10), [5, 5, 9, 10, 10]),
            (Array(1...20), [10, 10, 18, 19, 20]),
            (Array(1...100), [50, 50, 90, 95, 99]),
            (Array(1...101), [51, 51, 91, 96, 100]),
            ([0, 0], [0, 0, 0, 0, 0]),
        ] as [([Int64], [Int64])])
    func percentiles(_ values: [Int64], _ expected: [Int64]) async throws {
        try await archive(values)
        let measured = try #require(try await report(try ReportRequest(.latency))[.total, archiving].measured)
        #expect([measured.mean, measured.p50, measured.p90, measured.p95, measured.p99] == expected)
        #expect([measured.least, measured.most] == [values.min(), values.max()])
        #expect(measured.count == Int64(values.count))
    }

    @Test("random latencies agree with a sort by hand, each collection by itself", arguments: 0..<5)
    func random(_ seed: UInt64) async throws {
        var dice = SeededGenerator(seed: seed)
        var all: [Int64] = []
        for collection in ["A", "B"] {
            let values = (0..<Int.random(in: 1...80, using: &dice)).map { _ in
                Int64.random(in: 0...(1 << Int64.random(in: 1...52, using: &dice)), using: &dice)
            }
            try await archive(values, collection: collection)
            all += values
            let key = RowKey.collection(CollectionID(name: collection, version: "001"))
            try await compare(key, values, seed)
        }
        try await compare(.total, all, seed)
    }

    private func compare(_ key: RowKey, _ values: [Int64], _ seed: UInt64) async throws {
        let found = try #require(try await report(try ReportRequest(.latency))[key, archiving].measured)
        let sorted = values.sorted()
        func rank(_ percentage: Int) -> Int64 {
            // Counted, not computed: the first value that at least this part of all values does not exceed.
            sorted.first { value in sorted.count { $0 <= value } * 100 >= percentage * sorted.count } ?? -1
        }
        #expect([found.p50, found.p90, found.p95, found.p99] == [50, 90, 95, 99].map(rank), "seed \(seed)")
        #expect(found.mean == values.reduce(0, +) / Int64(values.count), "seed \(seed)")
    }

    @Test("a clock that stepped back is counted apart, and a missing milestone is open")
    func outOfOrder() async throws {
        try await archive([-1, 5, -7_000_000])
        let start = start
        _ = try await site.write { try $0.addGranule("w", state: .waiting, observed: start) }
        let found = try await report(try ReportRequest(.latency))[.total, archiving]
        #expect((found.pairs, found.outOfOrder, found.open, found.measured?.count) == (4, 2, 1, 1))
        #expect(found.measured?.least == 5)
    }

    @Test("a granule with two destinations is archived once and delivered twice, at the same times too")
    func destinations() async throws {
        let start = start
        try await site.write { session in
            let granule = try session.addGranule("g", observed: start)
            for destination in ["D1", "D2"] {
                try session.addSubmission(of: granule, to: destination, created: start + .seconds(20))
            }
        }
        let report = try await report(try ReportRequest(.latency))
        #expect(report[.total, archiving].pairs == 1)
        #expect(report[.total, Interval(from: .archived, to: .submitted, owner: .us)].pairs == 2)
        let byDestination = try await self.report(try ReportRequest(.latency, by: .destination))
        #expect(byDestination.rows == [.destination("D1"), .destination("D2")])
        #expect(byDestination[.total, archiving].pairs == 0)
    }

    @Test("the partner's queue stands apart from its work, from the way back, and from us")
    func partner() async throws {
        let start = start
        let times = [
            "sent_at": start + .seconds(1), "partner_received_at": start + .seconds(11),
            "partner_completed_at": start + .seconds(111), "responded_at": start + .seconds(113),
            "reconciled_at": start + .seconds(117),
        ]
        try await site.write { session in
            let granule = try session.addGranule("g", observed: start)
            try session.addSubmission(of: granule, created: start, times: times)
        }
        let table = try await site.catalog.report(try ReportRequest(.latency), generatedAt: start).table
        func spent(_ owner: String, _ from: String) throws -> Cell? {
            try table.selecting(["scope", "owner", "from", "max"]).rows.first {
                $0.dropLast() == [.text("total"), .text(owner), .text(from)]
            }?.last
        }
        #expect(try spent("partner queueing", "broker-acked") == .duration(.seconds(10)))
        #expect(try spent("partner", "partner received") == .duration(.seconds(100)))
        #expect(try spent("transport", "partner completed") == .duration(.seconds(2)))
        #expect(try spent("us", "response received") == .duration(.seconds(4)))
    }

    @Test("a requirement says which share kept it, the limit itself included")
    func requirement() async throws {
        try await archive([1_000_000, 2_000_000, 2_000_001])
        let request = try ReportRequest(.latency, requirement: Requirement(archiving, within: .seconds(2)))
        let table = try await site.catalog.report(request, generatedAt: start).table
        let rows = try table.selecting(["scope", "requirement", "within", "within_share"]).rows
        let kept = rows.filter { $0[0] == .text("total") && $0[1] != .none }
        let share = try #require(Share(2, of: 3))
        #expect(kept == [[.text("total"), .duration(.seconds(2)), .integer(2), .share(share)]])
    }

    @Test("a requirement on an interval of one's own gets a line of its own")
    func ownInterval() async throws {
        try await archive([1])
        let own = Interval(from: .sensed, to: .archived)
        let request = try ReportRequest(.latency, requirement: Requirement(own, within: .seconds(2)))
        #expect(try await report(request)[.total, own].open == 1)
    }

    @Test("an event exactly at the end of the period is outside, and an empty catalog gives a report")
    func boundaries() async throws {
        let day = try Period.testing("2026-11-20")
        let request = try ReportRequest(.latency, period: day, clock: .archived, by: .day)
        #expect(try await report(request).rows.isEmpty)
        try await archive([0, -1])
        let found = try await report(request)
        #expect(found.rows == [.day(day.start)])
        #expect(found[.total, archiving].pairs == 1)
    }

    @Test("the page has a section for each row, with a line for each interval that occurs, in 110 columns")
    func page() async throws {
        try await archive([-1, 100 * 3_600_000_000, 61_000_000, 1_500_000, 42])
        let request = try ReportRequest(.latency, requirement: Requirement(archiving, within: .seconds(2)))
        let page = try await site.catalog.report(request, generatedAt: start).rendered(as: .table)
        let lines = page.split(separator: "\n").drop { !$0.hasPrefix("collection ") }
        #expect(
            lines.first
                == "collection SENTINEL.001; required: observed → archived within 2.000 s, kept by 2 of 4 (50.00 %)")
        #expect(lines.contains { $0.hasPrefix("total; required") })
        let line = try #require(lines.first { $0.hasPrefix("observed → archived ") })
        #expect(
            line.split(separator: "  ", omittingEmptySubsequences: true).map { $0.trimming() } == [
                "observed → archived", "end to end", "4", "-", "1", "25:00:15", "1.50 s", "4 d 4 h", "4 d 4 h",
                "4 d 4 h",
            ])
        #expect(!page.contains("job accepted →"))
        #expect(lines.allSatisfy { $0.count <= 110 })
    }
}

extension Substring {
    fileprivate func trimming() -> String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}

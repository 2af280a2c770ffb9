// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryMetrics
import GranaryTesting
import Testing

/// Random catalogs, counted by SQL and counted again by the plainest loops over what was put in.
@Suite struct RandomSiteTests {
    @Test("an accountability report says what a naive count says", arguments: 0..<8)
    func accountability(_ seed: UInt64) async throws {
        let site = try Site()
        let facts = try await site.write { try Facts(seed: seed, in: $0) }
        let period = try Period.testing("2026-11-21T06:00Z/2026-11-23T06:00Z")
        for clock in [Milestone.observed, .archived] {
            for axis in [ReportRequest.Axis.collection, .day] {
                let request = try ReportRequest(.accountability, period: period, clock: clock, by: axis)
                let report = try await site.catalog.read { try AccountabilityReport(request, in: $0) }
                for key in report.rows + [.total] { try await compare(report, key, facts, request, site, seed) }
                #expect(facts.keys(request).isSubset(of: report.rows), "seed \(seed)")
            }
        }
    }

    private func compare(
        _ report: AccountabilityReport, _ key: RowKey, _ facts: Facts, _ request: ReportRequest, _ site: Site,
        _ seed: UInt64
    ) async throws {
        for state in ArrivalState.allCases {
            let naive = facts.files(key, request).filter { $0.state == state }
            let expected = Amount(count: Int64(naive.count), sum: naive.map(\.size).reduce(0, +))
            #expect(report[key, .files(state)] == expected, "seed \(seed) \(key.name) \(state)")
            let list = try await site.catalog.details(.files(state), of: key, in: request)
            #expect(try list.selecting(["id"]).rows == naive.map(\.id).sorted().map { [.integer($0)] })
        }
        guard key.scope != .source else { return }
        for state in GranuleState.allCases {
            let naive = facts.granules(key, request).filter { $0.state == state }
            #expect(report[key, .granules(state)].count == Int64(naive.count), "seed \(seed) \(key.name) \(state)")
        }
        for state in SubmissionState.allCases {
            let naive = facts.granules(key, request).flatMap(\.submissions).filter { $0 == state }
            #expect(report[key, .submissions(state)].count == Int64(naive.count), "seed \(seed) \(key.name)")
        }
    }
}

/// What was put into a random site, kept in plain arrays.
private struct Facts: Sendable {
    struct Granule: Sendable {
        var collection: String
        var state: GranuleState
        var observed: Timestamp
        var archived: Timestamp?
        var submissions: [SubmissionState] = []
    }
    struct File: Sendable {
        var id: Int64
        var source: String
        var state: ArrivalState
        var size: Int64
        var observed: Timestamp
        var granule: Int?
    }
    var granules: [Granule] = []
    var files: [File] = []

    init(seed: UInt64, in session: any SQLSession) throws {
        var dice = SeededGenerator(seed: seed)
        let start = try moment("2026-11-20T22:00Z")
        for number in 0..<60 {
            let observed = start + .seconds(3600 * Int64.random(in: 0..<72, using: &dice))
            try addGranule(number, observed, &dice, session)
            for file in 0..<Int.random(in: 0..<4, using: &dice) {
                try addFile("g\(number)-\(file)", number, observed - .seconds(60 * file), &dice, session)
            }
            if Bool.random(using: &dice) { try addFile("stray\(number)", nil, observed, &dice, session) }
        }
    }

    private mutating func addGranule(
        _ number: Int, _ observed: Timestamp, _ dice: inout SeededGenerator, _ session: any SQLSession
    ) throws {
        let state = GranuleState.allCases.randomElement(using: &dice) ?? .waiting
        let isArchived = state == .archived || state == .superseded
        var granule = Granule(
            collection: ["A", "B", "C"].randomElement(using: &dice) ?? "A", state: state, observed: observed,
            archived: isArchived ? observed + .seconds(Int64.random(in: 0..<90_000, using: &dice)) : nil)
        let id = try session.addGranule(
            "g\(number)", collection: granule.collection, state: state, observed: observed, archived: granule.archived)
        for destination in ["D1", "D2"] where isArchived && Bool.random(using: &dice) {
            let state = SubmissionState.allCases.randomElement(using: &dice) ?? .pending
            try session.addSubmission(of: id, to: destination, state: state, created: observed)
            granule.submissions.append(state)
        }
        granules.append(granule)
    }

    private mutating func addFile(
        _ name: String, _ granule: Int?, _ observed: Timestamp, _ dice: inout SeededGenerator, _ session: any SQLSession
    ) throws {
        let isArchived = granule.map { granules[$0].archived != nil } ?? false
        let states = ArrivalState.allCases.filter { $0 != .archived || isArchived }
        let state = states.randomElement(using: &dice) ?? .observed
        let size = Int64.random(in: 0...1 << 40, using: &dice)
        let source = ["north", "south"].randomElement(using: &dice) ?? "north"
        let id = try session.addArrival(
            BytePath(name), source: source, state: state, size: size, granule: granule.map { Int64($0 + 1) },
            observed: observed)
        files.append(File(id: id, source: source, state: state, size: size, observed: observed, granule: granule))
    }

    func granules(_ key: RowKey, _ request: ReportRequest) -> [Granule] {
        granules.filter { granule in
            guard let time = time(granule, request), request.period?.contains(time) ?? true else { return false }
            return key == .total || key == self.key(granule, time, request)
        }
    }

    func files(_ key: RowKey, _ request: ReportRequest) -> [File] {
        files.filter { file in
            let granule = file.granule.map { granules[$0] }
            let time = request.clock == .observed ? file.observed : granule.flatMap { self.time($0, request) }
            guard let time, request.period?.contains(time) ?? true else { return false }
            return key == .total || key == .source(file.source)
                || key == (granule.map { self.key($0, time, request) } ?? stray(time, request))
        }
    }

    func keys(_ request: ReportRequest) -> Set<RowKey> {
        Set(
            granules.compactMap { granule in
                time(granule, request).flatMap { time in
                    request.period?.contains(time) ?? true ? key(granule, time, request) : nil
                }
            })
    }

    private func time(_ granule: Granule, _ request: ReportRequest) -> Timestamp? {
        request.clock == .observed ? granule.observed : granule.archived
    }

    private func key(_ granule: Granule, _ time: Timestamp, _ request: ReportRequest) -> RowKey {
        request.axis == .day ? .day(time) : .collection(CollectionID(name: granule.collection, version: "001"))
    }

    private func stray(_ time: Timestamp, _ request: ReportRequest) -> RowKey {
        request.axis == .day ? .day(time) : .unassigned
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@Suite("What the ledger lists")
struct ListTests {
    static let granuleFilters: [(filter: String, names: [String])] = [
        ("collection = 'SST' AND name LIKE 'G%'", ["G1", "G2"]), ("bytes > 60", ["G1"]), ("files = 1", ["G1", "G2"]),
        ("job IS NULL", ["G1"]), ("processing_type = 'reprocessing'", ["G2"]), ("state = 'waiting'", []),
        ("T_INTERSECTS(sensed, INTERVAL('2026-01-01T00:00:00Z','2026-01-02T00:00:00Z'))", ["G1", "G2"]),
        ("S_INTERSECTS(footprint, BBOX(0, 0, 15, 25))", ["G1", "G2"]),
        ("S_INTERSECTS(footprint, BBOX(0, 0, 5, 5))", []),
        ("archived >= TIMESTAMP('2026-01-01T12:00:00Z') AND revision = 1", ["G1", "G2"]),
        ("observed > TIMESTAMP('2026-01-01T12:00:00Z')", []), ("verification = 'provider' AND id = 2", ["G2"]),
    ]

    @Test("a filter over granules selects the same in SQL as in memory", arguments: granuleFilters)
    func granules(_ expected: (filter: String, names: [String])) async throws {
        let ledger = try await SampleLedger()
        let filter = try Filter(parsing: expected.filter)
        let (page, count, remembered) = try await ledger.catalog.read { session in
            let all = try session.page(of: .granules, PageRequest(order: .oldestFirst)).elements
            return (
                try session.page(of: .granules, where: filter, PageRequest(order: .oldestFirst)),
                try session.count(of: .granules, where: filter),
                try all.filter { try filter.matches(FilteredGranule($0, files: session.files(ofGranule: $0.id))) }
            )
        }
        #expect(page.elements.map(\.identity.name) == expected.names)
        #expect(remembered == page.elements)
        #expect(count == expected.names.count)
    }

    @Test("members of metadata match in memory; SQL refuses them")
    func metadata() async throws {
        let ledger = try await SampleLedger()
        let schema = FilterSchema.granule(metadata: ["cycle": .integer, "mode": .string])
        let filter = try Filter(parsing: "\"metadata.cycle\" = 7 AND \"metadata.mode\" = 'HR'")
        try filter.check(against: schema)
        let granule = try #require(try await ledger.catalog.read { try $0.granule(1) })
        #expect(try filter.matches(FilteredGranule(granule, files: [])))
        #expect(try Filter(parsing: "\"metadata.cycle\" = 8").matches(FilteredGranule(granule, files: [])) == false)
        #expect(throws: GranaryError.self) { try filter.sql(columns: schema) }
    }

    @Test(
        "arrivals, jobs and deliveries select the same in SQL as in memory",
        arguments: [
            "state = 'quarantined' AND reason = 'checksum.mismatch'", "size >= 50 AND source = 'staging'",
            "collection IS NULL",
            "ended IS NOT NULL AND file_type = 'data'",
        ])
    func arrivals(_ text: String) async throws {
        let ledger = try await SampleLedger()
        try await agree(.arrivals, text, in: ledger)
    }

    @Test(
        "jobs too", arguments: ["process = 'regrid' AND rule = 'all'", "failure IS NOT NULL", "state = 'successful'"])
    func jobs(_ text: String) async throws { try await agree(.jobs, text, in: SampleLedger()) }

    @Test(
        "deliveries too",
        arguments: [
            "destination = 'daac' AND state = 'acknowledged'", "name = 'G2' AND attempts = 0", "responded IS NULL",
            "collection = 'SST' AND due > TIMESTAMP('2026-01-01T12:00:00Z')",
        ])
    func deliveries(_ text: String) async throws { try await agree(.deliveries, text, in: SampleLedger()) }

    private func agree<Element: FilterProperties & Hashable & Sendable>(
        _ list: LedgerList<Element>, _ text: String, in ledger: SampleLedger
    ) async throws {
        let filter = try Filter(parsing: text)
        let (all, selected) = try await ledger.catalog.read {
            (try $0.page(of: list).elements, try $0.page(of: list, where: filter).elements)
        }
        #expect(try all.filter { try filter.matches($0) } == selected)
        #expect(selected.count < max(all.count, 2))
    }

    @Test("an unknown property is refused with the nearest one")
    func unknown() async throws {
        let ledger = try await SampleLedger()
        let filter = try Filter(parsing: "colection = 'SST'")
        let error = await #expect(throws: GranaryError.self) {
            try await ledger.catalog.read { try $0.count(of: .granules, where: filter) }
        }
        #expect(error?.code == .filterInvalid && error?.remedy.contains("collection") == true)
    }

    @Test(
        "pages hold every row once, in both orders, though rows come meanwhile", arguments: PageRequest.Order.allCases)
    func pages(_ order: PageRequest.Order) async throws {
        let temporary = try TemporaryCatalog(clock: ManualClock(noon))
        let catalog = temporary.catalog
        try await catalog.write { session in for number in 1...25 { try session.seen(number) } }
        var ids: [Int64] = []
        var request = PageRequest(limit: 10, order: order)
        repeat {
            let asked = request
            let page = try await catalog.read { try $0.page(of: .arrivals, asked) }
            if ids.isEmpty { try await catalog.write { try $0.seen(26) } }
            ids += page.elements.map(\.id)
            request.after = page.next
        } while request.after != nil
        #expect(ids == (order == .oldestFirst ? Array(1...26) : (1...25).reversed()))
    }

    @Test("a trace tells the whole life of a granule")
    func trace() async throws {
        let ledger = try await SampleLedger()
        let (first, second) = try await ledger.catalog.read {
            (try #require(try $0.trace(ofGranule: 1)), try #require(try $0.trace(ofGranule: 2)))
        }
        #expect(first.arrivals.map(\.state) == [.archived] && first.files.map(\.size) == [100])
        #expect(first.producer == nil && first.consumers.map(\.job.process) == ["regrid"])
        #expect(first.consumers.first?.attempts.map(\.exitCode) == [0])
        #expect(first.firings.map(\.rule) == ["all"])
        #expect(first.children.map(\.identity.name) == ["G2"] && first.parents == [])
        #expect(first.submissions.map(\.responses.count) == [1] && first.submissions.map(\.attempts.count) == [1])
        #expect(first.events.map(\.id) == first.events.map(\.id).sorted())
        #expect(
            first.events.map { "\($0.subject) \($0.to)" } == [
                "granule archived", "arrival observed", "arrival verifying", "arrival archived", "job accepted",
                "job staging", "job running", "job publishing", "job successful", "submission pending",
                "submission sent",
                "submission acknowledged",
            ])
        #expect(second.producer?.job.process == "regrid" && second.parents.map(\.identity.name) == ["G1"])
        #expect(try await ledger.catalog.read { try $0.trace(ofGranule: 99) } == nil)
    }

    @Test(
        "a granule is found by every name that an operator may use",
        arguments: [
            ("1", [1]), ("G1", [1]), ("SST.1/G1", [1]), ("SST.1/G1#1", [1]), ("G1#1", [1]), ("G1#2", []),
            ("SST.2/G1", []),
            ("99", []), ("", []),
        ] as [(String, [Int64])])
    func called(_ word: String, _ ids: [Int64]) async throws {
        let ledger = try await SampleLedger()
        #expect(try await ledger.catalog.read { try $0.granules(called: word).map(\.id) } == ids)
    }

    @Test("the summary counts rows, and leaves completed work out")
    func status() async throws {
        let ledger = try await SampleLedger()
        let status = try await ledger.catalog.read { try $0.statusSummary() }
        #expect(
            status.arrivals.map { "\($0.group) \($0.state) \($0.count)" } == [
                "staging archived 2", "staging quarantined 1",
            ])
        #expect(status.arrivals.map(\.oldest) == [noon, noon])
        #expect(status.granules.map { "\($0.state) \($0.count)" } == ["archived 2"])
        #expect(status.jobs.map { "\($0.state) \($0.count)" } == ["successful 1"])
        #expect(
            status.work.map { "\($0.group) \($0.state)" } == ["answer.send available", "submission.send available"])
        #expect(status.submissions.map { "\($0.group) \($0.state)" } == ["daac acknowledged", "daac pending"])
        #expect(status.node == nil)
    }
}

extension SQLSession {
    fileprivate func seen(_ number: Int) throws {
        let entry = StoreEntry(path: BytePath("\(number)"), kind: .file, size: 1, modified: noon, generation: "1")
        _ = try insertArrival(source: "s", entry: entry, identity: nil, at: noon, steady: noon, by: "test")
    }
}

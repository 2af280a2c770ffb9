// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryIngest

@Suite struct SettlingTests {
    let staging = MemoryStore()
    let site: Site

    init() throws { site = try Site(staging: staging) }

    private func put(_ name: String = "g1", _ text: String = "data") {
        staging.put(BytePath("\(name).nc"), bytes(text))
        staging.put(BytePath("\(name).met"), bytes("met"))
    }

    private func undecided() async throws -> Int {
        try await site.catalog.read { try $0.count("SELECT COUNT(*) AS n FROM arrival WHERE ended_at IS NULL") }
    }

    @Test("A file that rests for the window is archived, and the record says that this is all we knew")
    func window() async throws {
        put()
        #expect(try await site.scan() == ScanSummary(listed: 2, new: 2, taken: 0, unsettled: 2))
        #expect(try await undecided() == 2)
        site.clock.advance(by: .seconds(5))
        #expect(try await site.scan() == ScanSummary(listed: 2, new: 0, taken: 1, unsettled: 0))
        #expect(try await undecided() == 0)
        let granule = try #require(try await site.granules("g1").first)
        #expect(granule.state == .archived)
        #expect(granule.readiness == .inferred)
        #expect(granule.verification == .own)
        try await site.expectSound()
    }

    @Test("Looks that come too soon count for nothing, however many they are")
    func looksTooSoon() async throws {
        put()
        for _ in 0..<20 {
            try await site.scan()
            site.clock.advance(by: .milliseconds(200))
        }
        #expect(try await site.state("g1.nc") == .settling)
    }

    @Test("More looks may be asked for")
    func manyLooks() async throws {
        site.configuration.settle = SettleRule(looks: 4, window: .seconds(10))
        put()
        for look in 1...4 {
            #expect(try await site.scan().taken == (look == 4 ? 1 : 0))
            site.clock.advance(by: .seconds(10))
        }
    }

    @Test("A step of the machine's clock neither settles a file nor holds it up", arguments: [-365, 365])
    func clockSteps(days: Int64) async throws {
        put()
        try await site.scan()
        site.clock.step(to: site.clock.now() + .seconds(days * 86_400))
        #expect(try await site.scan().taken == 0)
        site.clock.advance(by: .seconds(5))
        #expect(try await site.scan().taken == 1)
    }

    @Test("Another generation starts anew, and the one before it is recorded as replaced")
    func generationChange() async throws {
        put()
        for round in 0..<5 {
            try await site.scan()
            site.clock.advance(by: .seconds(5))
            put("g1", "data \(round)")
        }
        try await site.settle()
        #expect(try await site.seen("g1.nc") == .init(state: .archived))
        let old = try await site.arrivals("g1.nc").dropLast()
        #expect(old.count == 5)
        #expect(old.allSatisfy { $0.state == .vanished && $0.reasonCode == "source.replaced" })
        #expect(try await site.granules("g1").count == 1)
        try await site.expectSound()
    }

    @Test("An optional file that still grows is waited for: a granule enters whole")
    func optionalNeighbour() async throws {
        put()
        try await site.scan()
        site.clock.advance(by: .seconds(5))
        staging.put("g1.png", bytes("half"))
        #expect(try await site.scan().taken == 0)
        try await site.settle()
        let granule = try #require(try await site.granules("g1").first)
        #expect(try await site.files(of: granule).count == 3)
    }

    @Test("After a restart looks are counted anew, on the new scale")
    func restart() async throws {
        put()
        try await site.scan()
        site.clock.step(to: site.clock.now() - .seconds(86_400))
        let catalog = try await site.temporary.reopened()
        let ingester = Ingester(catalog: catalog, archive: site.archive, names: site.names)
        let watcher = StagingWatcher(site.configuration, source: staging, ingester: ingester)
        try await watcher.recover()
        #expect(try await watcher.scanOnce().taken == 0)
        site.clock.advance(by: .seconds(5))
        #expect(try await watcher.scanOnce().taken == 1)
        try await catalog.database.close()
    }

    @Test("A file moved into place is finished at once, even when the notice comes after the look")
    func movedIntoPlace() async throws {
        struct Notice: WakeUps {
            func wait(atMost pause: Duration) async {}
            func wasClosed(_ path: BytePath) -> Bool { true }
        }
        put()
        try await site.scan()
        #expect(try await site.watcher(Notice()).scanOnce().taken == 1)
        put("g2")
        #expect(try await site.watcher(Notice()).scanOnce().taken == 1)
        #expect(try await site.granules("g2").first?.readiness == .closed)
    }

    @Test("What is gone before it was archived is recorded so; its granule does not wait for ever")
    func gone() async throws {
        staging.put("g1.nc", bytes("data"))
        try await site.settle()
        #expect(try await site.seen("g1.nc") == .init(state: .waiting, code: "granule.incomplete"))
        staging.delete("g1.nc")
        try await site.scan()
        #expect(try await site.seen("g1.nc") == .init(state: .vanished, code: "source.gone"))
        #expect(try await site.granules("g1").first?.state == .incomplete)
        try await site.expectSound()
    }
}

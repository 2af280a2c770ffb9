// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryIngest

@Suite struct GranuleTests {
    let staging = MemoryStore()
    let archive = MemoryStore()
    let site: Site

    init() throws { site = try Site(staging: staging, archive: archive) }

    private func put(_ name: String, _ text: String) { staging.put(BytePath(name), bytes(text)) }

    private func putWhole(_ folder: String = "", data: String = "data", met: String = "met") {
        put(folder + "g1.nc", data)
        put(folder + "g1.met", met)
    }

    @Test("A granule waits for what it lacks, is incomplete at the deadline, and complete when it comes")
    func waiting() async throws {
        put("g1.nc", "data")
        try await site.settle()
        var granule = try #require(try await site.granules("g1").first)
        #expect(granule.state == .waiting)
        #expect(granule.missing == #"["metadata"]"#)
        let events = try await eventCount()
        try await site.settle()
        #expect(try await eventCount() == events, "waiting on writes nothing")
        site.clock.advance(by: .seconds(3600))
        try await site.scan()
        granule = try #require(try await site.granules("g1").first)
        #expect(granule.state == .incomplete)
        #expect(try await site.state("g1.nc") == .waiting)
        put("g1.met", "met")
        try await site.settle()
        #expect(try await site.granules("g1").map(\.state) == [.archived])
        try await site.expectSound()
    }

    private func eventCount() async throws -> Int {
        try await site.catalog.read { try $0.count("SELECT COUNT(*) AS n FROM event") }
    }

    @Test("A resend of an archived granule waits for its checksums like any other")
    func resendWithoutChecksum() async throws {
        putWhole()
        try await site.settle()
        site.collection.checksums = .require
        putWhole(data: "corrected")
        try await site.settle()
        #expect(try await site.seen("g1.nc") == .init(state: .waiting, code: "checksum.awaited"))
        put("g1.nc.md5", md5("corrected"))
        put("g1.met.md5", md5("met"))
        try await site.scan()
        #expect(try await site.seen("g1.nc") == .init(state: .quarantined, code: "granule.conflict"))
        try await site.expectSound()
    }

    @Test("A late file of an incomplete granule gets time for its checksum")
    func lateFile() async throws {
        site.collection.checksums = .require
        put("g1.nc", "data")
        put("g1.nc.md5", md5("data"))
        try await site.settle()
        site.clock.advance(by: .seconds(3600))
        try await site.scan()
        put("g1.met", "met")
        try await site.settle()
        #expect(try await site.seen("g1.met") == .init(state: .waiting, code: "checksum.awaited"))
        put("g1.met.md5", md5("met"))
        try await site.scan()
        #expect(try await site.granules("g1").map(\.state) == [.archived])
        try await site.expectSound()
    }

    @Test("The same bytes again are a duplicate, here or elsewhere", arguments: ["", "again/"])
    func duplicates(folder: String) async throws {
        putWhole()
        try await site.settle()
        putWhole(folder)
        try await site.settle()
        #expect(try await site.state(BytePath(folder + "g1.nc")) == .duplicate)
        #expect(try await site.arrivals().count == 4)
        #expect(try await site.granules("g1").map(\.state) == [.archived])
        try await site.expectSound()
    }

    @Test("One granule in two folders at once is archived once, as it came together")
    func twoFolders() async throws {
        putWhole("a/")
        putWhole("b/", data: "other", met: "more")
        put("b/g1.png", "picture")
        try await site.settle()
        let granule = try #require(try await site.granules("g1").first { $0.state == .archived })
        #expect(try await site.files(of: granule).map(\.sha256).contains(Checksum(.sha256, of: bytes("other"))))
        #expect(try await site.seen("a/g1.nc") == .init(state: .quarantined, code: "granule.conflict"))
        try await site.expectSound()
    }

    @Test("Other bytes under the same identity follow the collection's policy", arguments: ConflictPolicy.allCases)
    func conflicts(policy: ConflictPolicy) async throws {
        site.collection.conflicts = policy
        putWhole()
        try await site.settle()
        putWhole(data: "corrected")
        try await site.settle()
        let states = try await site.granules("g1").map(\.state)
        let seen = try await site.seen("g1.nc")
        switch policy {
        case .error:
            #expect(states == [.archived, .quarantined])
            #expect(seen == .init(state: .quarantined, code: "granule.conflict"))
        case .skip:
            #expect(states == [.archived])
            #expect(seen == .init(state: .ignored, code: "granule.skipped"))
        case .version: #expect(states == [.archived, .archived])
        case .replace: #expect(states == [.superseded, .archived])
        }
        #expect(archive.bytes(at: "L2.1/g1/g1.nc") == bytes("data"), "never overwritten")
        let second: [UInt8]? = policy == .version || policy == .replace ? bytes("corrected") : nil
        #expect(archive.bytes(at: "L2.1/g1/r2/g1.nc") == second)
        try await site.expectSound()
    }

    @Test("A resend with other bytes is waited for until it is whole, and set aside when it stays a part")
    func partialResend() async throws {
        site.collection.conflicts = .replace
        putWhole()
        try await site.settle()
        put("g1.nc", "corrected")
        try await site.settle()
        #expect(try await site.seen("g1.nc") == .init(state: .waiting, code: "granule.incomplete"))
        site.clock.advance(by: .seconds(3600))
        try await site.settle()
        #expect(try await site.seen("g1.nc") == .init(state: .quarantined, code: "granule.partial-resend"))
        #expect(try await site.granules("g1").map(\.state) == [.archived, .quarantined])
        putWhole(data: "corrected", met: "met too")
        try await site.settle()
        #expect(try await site.granules("g1").map(\.state) == [.superseded, .archived])
        try await site.expectSound()
    }

    @Test("What was refused does not use up a revision")
    func refusedRevision() async throws {
        for text in ["corrected", "corrected again", "data"] {
            putWhole()
            try await site.settle()
            putWhole(data: text)
            try await site.settle()
            let ids = try await site.arrivals().filter { $0.state == .quarantined }.map(\.id)
            _ = try await QuarantineDesk(catalog: site.catalog).reject(ids, by: "op", reason: "wrong", dryRun: false)
        }
        #expect(try await site.granules("g1").map(\.state) == [.archived, .rejected, .rejected])
        #expect(try await site.granules("g1").map(\.identity.revision) == [1, 2, 2])
        try await site.expectSound()
    }

    @Test("An optional bad file holds up its whole granule, whatever else comes")
    func optionalBad() async throws {
        putWhole()
        put("g1.png", "bad")
        put("g1.png.md5", md5("good"))
        try await site.settle()
        #expect(try await site.seen("g1.png") == .init(state: .quarantined, code: "checksum.mismatch"))
        putWhole(data: "data anew")
        try await site.settle()
        #expect(try await site.seen("g1.nc") == .init(state: .quarantined, code: "granule.sibling"))
        #expect(archive.bytes(at: "L2.1/g1/g1.nc") == nil)
        put("g1.png", "good")
        try await site.settle()
        #expect(try await site.state("g1.png") == .archived)
        try await site.expectSound()
    }

    @Test("A file in the archive that the ledger does not know is adopted when equal, and left alone when not")
    func occupied() async throws {
        archive.put("L2.1/g1/g1.nc", bytes("data"))
        archive.put("L2.1/g2/g2.nc", bytes("foreign"))
        putWhole()
        put("g2.nc", "data")
        put("g2.met", "met")
        try await site.settle()
        #expect(try await site.state("g1.nc") == .archived)
        #expect(try await site.seen("g2.nc") == .init(state: .quarantined, code: "archive.occupied"))
        #expect(try await site.seen("g2.met") == .init(state: .quarantined, code: "granule.sibling"))
        #expect(archive.bytes(at: "L2.1/g2/g2.nc") == bytes("foreign"))
        try await site.expectSound()
    }

    @Test("Two granules whose archive paths meet do not become one")
    func sharedPath() async throws {
        site.collection.archivePath = try PathTemplate("x{granule}/{name}")
        let other = try Site(staging: MemoryStore(), archive: archive) { $0 = site.collection }
        other.collection.id.name = "L3"
        putWhole()
        try await site.settle()
        let both = NameRecognizer([other.collection])
        let ingester = Ingester(catalog: site.catalog, archive: archive, names: both)
        let store = MemoryStore()
        store.put("g1.nc", bytes("data"))
        store.put("g1.met", bytes("met"))
        let watcher = StagingWatcher(
            WatcherConfiguration(name: "second", settle: .immediate), source: store, ingester: ingester)
        _ = try await watcher.scanOnce()
        #expect(try await site.arrivals("g1.met").last?.reasonCode == "archive.occupied")
        #expect(try await site.arrivals("g1.nc").last?.reasonCode == "granule.sibling")
        try await site.expectSound()
    }
}

@Suite struct QuarantineTests {
    let staging = MemoryStore()
    let site: Site

    init() throws {
        site = try Site(staging: staging)
        staging.put("g1.nc", bytes("bad"))
        staging.put("g1.met", bytes("met"))
        staging.put("g1.nc.md5", bytes(md5("good")))
    }

    private var desk: QuarantineDesk { QuarantineDesk(catalog: site.catalog) }

    @Test("Released bytes enter as they are, and never as verified, with their siblings")
    func release() async throws {
        try await site.settle()
        let ids = try await site.arrivals().filter { $0.state == .quarantined }.map(\.id)
        #expect(ids.count == 2)
        let lines = try await desk.release(ids, by: "op", reason: "known", dryRun: false)
        #expect(lines.map(\.done) == [true, true])
        try await site.settle()
        let granule = try #require(try await site.granules("g1").first)
        #expect(granule.state == .archived)
        #expect(granule.verification == .own)
        #expect(try await site.arrivals("g1.nc").last?.acceptedBy == "op")
        try await site.expectSound()
    }

    @Test("A retry without a cause ends where it began")
    func retry() async throws {
        try await site.settle()
        let bad = try #require(try await site.arrivals("g1.nc").first)
        _ = try await desk.retry([bad.id], by: "op", reason: "again", dryRun: false)
        try await site.settle()
        #expect(try await site.seen("g1.nc") == .init(state: .quarantined, code: "checksum.mismatch"))
        #expect(try await site.state("g1.met") == .quarantined)
        try await site.expectSound()
    }

    @Test("Rejected files end; the granule ends with its last file")
    func reject() async throws {
        try await site.settle()
        let ids = try await site.arrivals().filter { $0.state == .quarantined }.map(\.id)
        _ = try await desk.reject([ids[0]], by: "op", reason: "wrong", dryRun: false)
        #expect(try await site.granules("g1").map(\.state) == [.quarantined])
        _ = try await desk.reject([ids[1]], by: "op", reason: "wrong", dryRun: false)
        #expect(try await site.granules("g1").map(\.state) == [.rejected])
        #expect(try await desk.reject(ids, by: "op", reason: "again", dryRun: false).map(\.done) == [false, false])
        try await site.expectSound()
    }

    @Test("A dry run changes nothing")
    func dryRun() async throws {
        try await site.settle()
        let before = try await site.arrivals()
        _ = try await desk.release(before.map(\.id), by: "op", reason: "", dryRun: true)
        #expect(try await site.arrivals() == before)
    }

    @Test("A name nobody knew is known after the patterns were corrected and it is retried")
    func unknownName() async throws {
        staging.put("x1.dat", bytes("?"))
        try await site.settle()
        #expect(try await site.seen("x1.dat") == .init(state: .quarantined, code: "name.unknown"))
        site.collection.files = [try Site.rule(#"(?<granule>x.*)\.dat"#, .data, "data")]
        let id = try #require(try await site.arrivals("x1.dat").first?.id)
        _ = try await desk.retry([id], by: "op", reason: "pattern added", dryRun: false)
        try await site.settle()
        #expect(try await site.state("x1.dat") == .archived)
        try await site.expectSound()
    }

    @Test("A retried file that was replaced meanwhile is not waited for")
    func replaced() async throws {
        try await site.settle()
        let bad = try #require(try await site.arrivals("g1.nc").first)
        staging.put("g1.nc", bytes("good"))
        try await site.settle()
        #expect(try await site.granules("g1").map(\.state) == [.archived])
        _ = try await desk.retry([bad.id], by: "op", reason: "again", dryRun: false)
        try await site.settle()
        #expect(try await site.arrivals("g1.nc").first?.state == .vanished)
        #expect(try await site.scan().unsettled == 0)
    }
}

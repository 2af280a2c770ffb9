// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryIngest
import GranaryTesting
import Testing

@Suite struct ManifestTests {
    let staging = MemoryStore()
    let site: Site

    init() throws { site = try Site(staging: staging) { $0.checksums = .require } }

    private func put(_ name: String, _ text: String) { staging.put(BytePath(name), bytes(text)) }

    private func list(_ files: [(String, String)]) -> String {
        files.map { "\(md5($0.1))  \($0.0)\n" }.joined()
    }

    @Test("A list that comes with its files lets them in at the first look, verified")
    func together() async throws {
        put("in/g1.nc", "data")
        put("in/g1.met", "met")
        put("in/MD5SUMS", list([("g1.nc", "data"), ("g1.met", "met")]))
        #expect(try await site.scan().taken == 1)
        let granule = try #require(try await site.granules("g1").first)
        #expect(granule.readiness == .manifest)
        #expect(granule.verification == .provider)
        #expect(try await site.seen("in/MD5SUMS") == .init(state: .ignored, code: "manifest.read"))
        try await site.expectSound()
    }

    @Test("A manifest may come long before its files, and waits for nothing")
    func before() async throws {
        put("MD5SUMS", list([("g1.nc", "data"), ("g1.met", "met")]))
        try await site.settle()
        put("g1.nc", "data")
        put("g1.met", "met")
        #expect(try await site.scan().taken == 1)
    }

    @Test("Files wait for their checksums, and enter when these come")
    func after() async throws {
        put("g1.nc", "data")
        put("g1.met", "met")
        try await site.settle()
        #expect(try await site.seen("g1.nc") == .init(state: .waiting, code: "checksum.awaited"))
        put("g1.nc.md5", md5("data"))
        put("g1.met.md5", md5("met"))
        #expect(try await site.scan().taken == 1)
        try await site.expectSound()
    }

    @Test("Without a checksum in time all files of the granule are set aside, and a retry after it came heals them")
    func never() async throws {
        put("g1.nc", "data")
        put("g1.met", "met")
        put("g1.nc.md5", md5("data"))
        try await site.settle()
        site.clock.advance(by: .seconds(3600))
        try await site.scan()
        #expect(try await site.seen("g1.met") == .init(state: .quarantined, code: "checksum.missing"))
        #expect(try await site.seen("g1.nc") == .init(state: .quarantined, code: "granule.sibling"))
        #expect(try await site.granules("g1").map(\.state) == [.quarantined])
        put("g1.met.md5", md5("met"))
        let bad = try #require(try await site.arrivals("g1.met").first)
        _ = try await QuarantineDesk(catalog: site.catalog).retry([bad.id], by: "op", reason: "it came", dryRun: false)
        try await site.settle()
        #expect(try await site.granules("g1").map(\.state) == [.archived])
        try await site.expectSound()
    }

    @Test("A torn manifest waits; whole, it is believed")
    func torn() async throws {
        put("g1.nc", "data")
        put("g1.met", "met")
        let whole = list([("g1.met", "met"), ("g1.nc", "data")])
        put("MD5SUMS", String(whole.dropLast(4)))
        try await site.scan()
        #expect(try await site.state("MD5SUMS") == .observed)
        put("MD5SUMS", whole)
        #expect(try await site.scan().taken == 1)
    }

    @Test("A manifest that stays torn is set aside once it has settled")
    func staysTorn() async throws {
        put("MD5SUMS", String(list([("g1.nc", "data")]).prefix(20)))
        try await site.settle()
        #expect(try await site.seen("MD5SUMS") == .init(state: .quarantined, code: "manifest.unreadable"))
        try await site.expectSound()
    }

    @Test("A longer manifest takes the place of the shorter one, line by line")
    func grows() async throws {
        put("MD5SUMS", list([("g1.nc", "old data")]))
        try await site.scan()
        put("MD5SUMS", list([("g1.nc", "data"), ("g1.met", "met")]))
        put("g1.nc", "data")
        put("g1.met", "met")
        #expect(try await site.scan().taken == 1)
        #expect(try await site.granules("g1").first?.state == .archived)
    }

    @Test("A file that grows under an early sidecar is believed bad only once it rests, and good when it became whole")
    func growing() async throws {
        put("g1.met", "met")
        put("MD5SUMS", list([("g1.nc", "data"), ("g1.met", "met")]))
        for size in 1..<4 {
            put("g1.nc", String("data".prefix(size)))
            try await site.scan()
            #expect(try await site.arrivals("g1.nc").last?.endedAt == nil)
        }
        put("g1.nc", "data")
        #expect(try await site.scan().taken == 0, "the metadata must settle by itself")
        try await site.settle()
        #expect(try await site.granules("g1").first?.state == .archived)
        try await site.expectSound()
    }

    @Test("A mismatch of a file at rest sets the granule aside, and a corrected file heals it")
    func mismatch() async throws {
        put("g1.nc", "dada")
        put("g1.met", "met")
        put("MD5SUMS", list([("g1.nc", "data"), ("g1.met", "met")]))
        try await site.settle()
        #expect(try await site.seen("g1.nc") == .init(state: .quarantined, code: "checksum.mismatch"))
        #expect(try await site.seen("g1.met") == .init(state: .quarantined, code: "granule.sibling"))
        for _ in 0..<5 { try await site.settle() }
        #expect(try await site.state("g1.nc") == .quarantined, "a retry without a cause must not happen")
        put("g1.nc", "data")
        try await site.settle()
        #expect(try await site.granules("g1").map(\.state) == [.archived])
        #expect(try await site.state("g1.met") == .archived)
        try await site.expectSound()
    }

    @Test("A late checksum proves what was archived under our own", arguments: ["data", "other"])
    func late(promised: String) async throws {
        site.collection.checksums = .compute
        put("g1.nc", "data")
        put("g1.met", "met")
        try await site.settle()
        put("g1.nc.md5", md5(promised))
        put("g1.met.sha256", Checksum(.sha256, of: bytes("met")).hex)
        try await site.scan()
        let granule = try #require(try await site.granules("g1").first)
        #expect(granule.verification == (promised == "data" ? .provider : .own))
        let notes = try await site.catalog.read { session in
            try session.query("SELECT cause FROM event WHERE cause LIKE 'a late checksum%' ORDER BY id")
                .map { try $0.text("cause") }
        }
        #expect(notes.contains("a late checksum disagrees with the archived bytes") == (promised != "data"))
        #expect(notes.count == 2)
        try await site.expectSound()
    }

    @Test("A late checksum of a newer generation says nothing of the one that is archived")
    func lateOfNewer() async throws {
        site.collection.checksums = .compute
        put("g1.nc", "data")
        put("g1.met", "met")
        try await site.settle()
        put("g1.nc", "newer")
        put("g1.nc.md5", md5("newer"))
        try await site.scan()
        let count = try await site.catalog.read {
            try $0.count("SELECT COUNT(*) AS n FROM event WHERE cause LIKE 'a late%'")
        }
        #expect(count == 0)
    }

    @Test("A file without a byte enters only when somebody says that it has none", arguments: [true, false])
    func empty(isVouched: Bool) async throws {
        site.collection.checksums = .compute
        put("g1.nc", "")
        put("g1.met", "met")
        if isVouched { put("g1.nc.md5", md5("")) }
        try await site.settle()
        #expect(
            try await site.seen("g1.nc")
                == (isVouched ? .init(state: .archived) : .init(state: .waiting, code: "file.empty")))
        site.clock.advance(by: .seconds(3600))
        try await site.scan()
        #expect(try await site.state("g1.nc") == (isVouched ? .archived : .quarantined))
        try await site.expectSound()
    }

    @Test("A list of any length beside its folder is read, whatever it is called")
    func longList() async throws {
        let files = (0..<2000).map { ("in/g\($0).nc", "data \($0)") }
        put("delivery.md5", list(files))
        for file in files.prefix(3) { put(file.0, file.1) }
        try await site.settle()
        #expect(try await site.state("delivery.md5") == .ignored)
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryIngest

/// Stores that keep checksums beside the bytes and show whole files only, as object stores do.
@Suite struct VouchedTests {
    let staging = MemoryStore(showsWholeFiles: true)
    let site: Site

    init() throws { site = try Site(staging: staging) { $0.checksums = .require } }

    /// A granule whose store states what it is told to of the data file, and the truth of the metadata.
    private func put(_ text: String = "data", stating checksums: [Checksum]) {
        staging.put("g1.nc", bytes(text))
        staging.put("g1.met", bytes("met"))
        staging.state(checksums, of: "g1.nc")
        staging.state([Checksum(.md5, of: bytes("met"))], of: "g1.met")
    }

    @Test("A store that shows whole files settles them at the first look, and its word stands for a manifest's")
    func settlesAtOnce() async throws {
        put(stating: [Checksum(.md5, of: bytes("data")), Checksum(.sha256, of: bytes("data"))])
        #expect(try await site.scan() == ScanSummary(listed: 2, new: 2, taken: 1, unsettled: 0))
        let granule = try #require(try await site.granules("g1").first)
        #expect(granule.state == .archived)
        #expect(granule.readiness == .closed)
        #expect(granule.verification == .provider)
        let data = try #require(try await site.files(of: granule).first { $0.name == "g1.nc" })
        #expect(data.providedChecksum == Checksum(.sha256, of: bytes("data")))
        try await site.expectSound()
    }

    @Test("A file of such a store that nobody vouches for waits, though it is whole")
    func nobodyVouches() async throws {
        put(stating: [])
        try await site.scan()
        #expect(try await site.seen("g1.nc") == .init(state: .waiting, code: "checksum.awaited"))
        try await site.expectSound()
    }

    @Test("One wrong statement of the store sets the file aside, though others are right")
    func wrongStatement() async throws {
        put(stating: [Checksum(.sha256, of: bytes("data")), Checksum(.md5, of: bytes("other"))])
        try await site.settle()
        #expect(try await site.seen("g1.nc") == .init(state: .quarantined, code: "checksum.mismatch"))
        #expect(try await site.seen("g1.met") == .init(state: .quarantined, code: "granule.sibling"))
        #expect(try await site.archive.entry(at: "L2.1/g1/g1.nc") == nil)
        try await site.expectSound()
    }

    @Test("A right statement does not outweigh a manifest's wrong one, nor a manifest's the store's")
    func bothMustHold() async throws {
        put(stating: [Checksum(.md5, of: bytes("data"))])
        staging.put("g1.nc.md5", bytes(md5("other")))
        try await site.settle()
        #expect(try await site.seen("g1.nc") == .init(state: .quarantined, code: "checksum.mismatch"))
        let other = try Site(staging: MemoryStore(showsWholeFiles: true)) { $0.checksums = .require }
        let store = try #require(other.staging as? MemoryStore)
        store.put("g2.nc", bytes("data"))
        store.put("g2.met", bytes("met"))
        store.put("MD5SUMS", bytes("\(md5("data"))  g2.nc\n\(md5("met"))  g2.met\n"))
        store.state([Checksum(.md5, of: bytes("other"))], of: "g2.nc")
        try await other.settle()
        #expect(try await other.seen("g2.nc") == .init(state: .quarantined, code: "checksum.mismatch"))
        try await other.expectSound()
    }

    @Test("A store that promised a checksum in its listing, and states none with the bytes, vouches for nothing")
    func noneAfterAll() async throws {
        let plain = MemoryStore()
        let site = try Site(staging: plain) { $0.checksums = .require }
        plain.put("g1.nc", bytes("data"))
        plain.put("g1.met", bytes("met"))
        for path: BytePath in ["g1.nc", "g1.met"] { plain.state([Checksum(.md5, of: bytes("data"))], of: path) }
        try await site.scan()
        plain.state([], of: "g1.nc")
        plain.state([Checksum(.md5, of: bytes("met"))], of: "g1.met")
        site.clock.advance(by: .seconds(5))
        try await site.scan()
        #expect(try await site.seen("g1.nc") == .init(state: .quarantined, code: "checksum.missing"))
        #expect(try await site.granules("g1").map(\.state) == [.quarantined])
        try await site.expectSound()
    }

    @Test("Where checksums are only computed, a store's silence is no fault, and the record says self")
    func silenceMayPass() async throws {
        let site = try Site(staging: staging)
        put(stating: [])
        try await site.scan()
        let granule = try #require(try await site.granules("g1").first)
        #expect(granule.state == .archived && granule.verification == .own)
        try await site.expectSound()
    }

    @Test(
        "What is stated with the bytes only, as web servers do, must hold, and is nothing to wait for",
        arguments: [true, false])
    func statedUnasked(isTrue: Bool) async throws {
        let site = try Site(staging: staging)
        put(stating: [])
        staging.state([Checksum(.sha512, of: bytes(isTrue ? "data" : "other"))], of: "g1.nc", isListed: false)
        try await site.settle()
        let seen = try await site.seen("g1.nc")
        #expect(seen == (isTrue ? .init(state: .archived) : .init(state: .quarantined, code: "checksum.mismatch")))
        guard !isTrue else { return }
        let ids = try await site.arrivals().filter { $0.state == .quarantined }.map(\.id)
        _ = try await QuarantineDesk(catalog: site.catalog).release(ids, by: "op", reason: "known", dryRun: false)
        try await site.settle()
        #expect(try await site.granules("g1").map(\.state) == [.archived])
        try await site.expectSound()
    }

    @Test("An operator accepts the bytes against the store's word, and they never count as verified")
    func release() async throws {
        put(stating: [Checksum(.md5, of: bytes("other"))])
        try await site.settle()
        let ids = try await site.arrivals().filter { $0.state == .quarantined }.map(\.id)
        _ = try await QuarantineDesk(catalog: site.catalog).release(ids, by: "op", reason: "known", dryRun: false)
        try await site.settle()
        let granule = try #require(try await site.granules("g1").first)
        #expect(granule.state == .archived)
        #expect(granule.verification == .own)
        #expect(try await site.files(of: granule).first { $0.name == "g1.nc" }?.providedChecksum == nil)
        try await site.expectSound()
    }

    @Test("An empty object that its store vouches for is meant to be empty")
    func empty() async throws {
        put("", stating: [Checksum(.md5, of: [])])
        try await site.scan()
        #expect(try await site.granules("g1").map(\.state) == [.archived])
        try await site.expectSound()
    }

    @Test(
        "A key that is no safe path is rejected with its reason, never fetched, and holds up nothing",
        arguments: ["a//g1.nc", "../g1.nc", "/g1.nc", "a/./g1.nc", "a/../../g1.nc", "..", "data/"])
    func unsafePath(key: String) async throws {
        staging.put(BytePath(key), bytes("poison"))
        put(stating: [Checksum(.md5, of: bytes("data"))])
        try await site.settle()
        #expect(try await site.seen(BytePath(key)) == .init(state: .rejected, code: "name.unsafe"))
        #expect(try await site.granules("g1").map(\.state) == [.archived])
        // The two good files, and nothing else.
        #expect(staging.faults.calls(.send) == 2)
        #expect(staging.faults.calls(.read) == 0)
        try await site.expectSound()
    }

    @Test("The empty objects that consoles make for folders are ignored")
    func folderMarker() async throws {
        staging.put("data/2026/", [])
        try await site.settle()
        #expect(try await site.seen("data/2026/") == .init(state: .ignored, code: "name.folder"))
    }

    @Test("A rehearsal by hand tells of an unsafe key, and goes on")
    func handed() async throws {
        staging.put("a//g1.nc", bytes("poison"))
        put(stating: [Checksum(.md5, of: bytes("data"))])
        let files = try await HandIngest(through: site.watcher()) { _ in true }.rehearse()
        #expect(files.count { $0.isGood } == 2)
        #expect(files.first { !$0.isGood }?.verdict == "would be rejected")
    }
}

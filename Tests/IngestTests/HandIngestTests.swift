// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryIngest
import GranaryTesting
import Testing

@Suite struct HandIngestTests {
    let staging = MemoryStore()
    let archive = MemoryStore()
    let site: Site

    init() throws {
        site = try Site(staging: staging, archive: archive)
        for (name, text) in [
            ("g1.nc", "data"), ("g1.met", "met"), ("g2.nc", "data"), ("g3.nc", "bad"), ("g3.met", "met"),
            ("g3.nc.md5", md5("good")), ("x.tmp", ""), ("what", "?"), ("again/g1.nc", "data"), ("again/g1.met", "met"),
        ] {
            staging.put(BytePath(name), bytes(text))
        }
    }

    private func hand(_ selects: @escaping @Sendable (BytePath) -> Bool = { _ in true }) -> HandIngest {
        HandIngest(through: site.watcher(), selects: selects)
    }

    @Test("Files handed over are taken in at once, and each gets its verdict")
    func take() async throws {
        let files = try await hand().take()
        let verdicts = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.verdict) })
        #expect(
            verdicts == [
                "g1.nc": "archived", "g1.met": "archived", "g2.nc": "waiting", "g3.nc": "quarantined",
                "g3.met": "quarantined", "g3.nc.md5": "ignored", "x.tmp": "ignored", "what": "quarantined",
                "again/g1.nc": "duplicate", "again/g1.met": "duplicate",
            ])
        #expect(files.filter(\.isGood).count == 6)
        #expect(files.filter { !$0.isGood }.allSatisfy { $0.reason != nil && $0.remedy != nil })
        try await site.expectSound()
    }

    @Test("Only what is selected is taken")
    func selection() async throws {
        let files = try await hand { $0.directory == "again" }.take()
        #expect(files.map(\.path) == ["again/g1.met", "again/g1.nc", "g3.nc.md5"])
        #expect(try await site.arrivals().count == 3)
    }

    @Test("While the archive fails the hand lets go; it does not try for ever")
    func archiveFails() async throws {
        for call in 1...10_000 { archive.faults.fail(.stage, onCall: call, with: .planned(.storeFull)) }
        let files = try await hand { $0 == "g1.nc" || $0 == "g1.met" }.take()
        #expect(files.first { $0.path == "g1.nc" }?.verdict == "settling")
        try await site.expectSound()
    }

    @Test("A rehearsal says the same and leaves ledger and archive as they were")
    func rehearse() async throws {
        let files = try await hand { $0.directory != "again" }.rehearse()
        let verdicts = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.verdict) })
        #expect(
            verdicts == [
                "g1.nc": "would be archived", "g1.met": "would be archived", "g2.nc": "would wait",
                "g3.nc": "would be quarantined", "g3.met": "would be quarantined",
                "g3.nc.md5": "would be read as a manifest", "x.tmp": "would be ignored", "what": "would be quarantined",
            ])
        #expect(try await site.arrivals().isEmpty)
        let rows = try await site.catalog.read { try $0.count("SELECT COUNT(*) AS n FROM event") }
        #expect(rows == 0)
        #expect(archive.bytes(at: "L2.1/g1/g1.nc") == nil)
        let listed = try await archive.entries().reduce(0) { $0 + $1.count }
        #expect(listed == 0)
    }

    @Test("A rehearsal over one granule in two folders names the one that goes first")
    func rehearseTwice() async throws {
        let files = try await hand { $0.name.bytes.starts(with: "g1".utf8) }.rehearse()
        #expect(files.filter { $0.verdict == "would wait" }.count == 2)
        #expect(files.filter { $0.verdict == "would be archived" }.count == 2)
    }

    @Test("A rehearsal knows what is archived")
    func rehearseAgain() async throws {
        try await site.settle()
        let files = try await hand { $0 == "g1.nc" || $0 == "g1.met" }.rehearse()
        #expect(files.filter { $0.verdict == "is archived already" }.count == 2)
    }
}

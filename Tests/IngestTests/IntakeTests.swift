// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@testable import GranaryIngest

/// The way in for jobs and messages, and what a death at any step leaves behind.
@Suite struct IntakeTests {
    let store = MemoryStore()
    let archive = MemoryStore()
    let site: Site

    init() throws {
        site = try Site(staging: store, archive: archive)
        for name in ["g1", "g2"] {
            store.put(BytePath(name + ".nc"), bytes("data of \(name)"))
            store.put(BytePath(name + ".met"), bytes("met"))
        }
    }

    private func offer(_ granule: String, source: String = "job/p", checksums: [Checksum] = []) async throws
        -> GranuleOffer
    {
        var files: [OfferedFile] = []
        for (suffix, type) in [(".nc", FileType.data), (".met", .metadata)] {
            let path = BytePath(granule + suffix)
            guard let entry = try await store.entry(at: path) else { continue }
            files.append(OfferedFile(entry: entry, name: path, type: type, checksums: suffix == ".nc" ? checksums : []))
        }
        return GranuleOffer(
            source: source, store: store, collection: site.collection.id, granule: granule, provider: "us",
            files: files,
            readiness: .manifest, settledAt: site.clock.now())
    }

    private func take(_ offers: [GranuleOffer], _ mode: IntakeMode = .eachByItself) async throws -> [GranuleVerdict] {
        try await site.ingester.take(offers, mode: mode) { _, _ in }
    }

    @Test("Each offer gets its verdict, in order; the same offer again is a duplicate with arrivals of its own")
    func verdicts() async throws {
        let wrong = try #require(Checksum(.md5, hex: String(repeating: "0", count: 32)))
        let offers = [try await offer("g1"), try await offer("g2", checksums: [wrong])]
        let verdicts = try await take(offers)
        guard case .archived = verdicts[0], case .quarantined(let error) = verdicts[1] else {
            Issue.record("\(verdicts)")
            return
        }
        #expect(error.code == .checksumMismatch)
        guard case .duplicate = try await take([offers[0]])[0] else { Issue.record("no duplicate"); return }
        #expect(try await site.arrivals("g1.nc").map(\.state) == [.archived, .duplicate])
        try await site.expectSound()
    }

    @Test("Generations are compared as they are: `_` and `%` in one stand for nothing else")
    func wildcards() async throws {
        var first = try await offer("g1")
        first.files = first.files.map {
            var file = $0; file.entry.generation = "aXb"; return file
        }
        let claimed = try await site.ingester.claim([first])
        var second = first
        second.files = second.files.map {
            var file = $0; file.entry.generation = "a_b"; return file
        }
        let others = try await site.ingester.claim([second])
        #expect(Set(claimed[0].arrivals.map(\.id)).isDisjoint(with: others[0].arrivals.map(\.id)))
    }

    @Test("Two offers of one granule in one batch are taken one after the other")
    func twice() async throws {
        let verdicts = try await take([try await offer("g1"), try await offer("g1")])
        guard case .archived = verdicts[0], case .postponed = verdicts[1] else {
            Issue.record("\(verdicts)")
            return
        }
        try await site.expectSound()
    }

    @Test("What is written alongside is committed with the verdicts, or nothing is recorded")
    func alongside() async throws {
        let offers = [try await offer("g1")]
        await #expect(throws: GranaryError.self) {
            try await site.ingester.take(offers, mode: .eachByItself) { _, _ in throw GranaryError.planned() }
        }
        #expect(try await site.granules("g1").isEmpty)
        #expect(try await site.arrivals().allSatisfy { $0.endedAt != nil }, "nothing stays claimed")
        guard case .archived = try await take(offers)[0] else { Issue.record("not archived"); return }
        try await site.expectSound()
    }

    @Test("A reaction that throws archives nothing")
    func reaction() async throws {
        site.reactions = [Refusal(granule: "g1")]
        let offers = [try await offer("g1")]
        await #expect(throws: GranaryError.self) { try await take(offers) }
        let files = try await site.catalog.read { try $0.count("SELECT COUNT(*) AS n FROM file") }
        #expect(files == 0)
    }

    @Test("Outputs of one job stand and fall together")
    func allOrNone() async throws {
        let wrong = try #require(Checksum(.md5, hex: String(repeating: "0", count: 32)))
        let offers = [try await offer("g1"), try await offer("g2", checksums: [wrong])]
        for verdict in try await take(offers, .allOrNone) {
            guard case .quarantined = verdict else { Issue.record("\(verdict)"); return }
        }
        #expect(archive.bytes(at: "L2.1/g1/g1.nc") == nil)
        for verdict in try await take([offers[0], try await offer("g2")], .allOrNone) {
            guard case .archived = verdict else { Issue.record("\(verdict)"); return }
        }
        try await site.expectSound()
    }

    @Test("A store's fault while the outputs of a job are published puts all of them off", arguments: 1...4)
    func allOrNoneFault(call: Int) async throws {
        archive.faults.fail(.publish, onCall: call, with: .planned(.storeFull))
        let offers = [try await offer("g1"), try await offer("g2")]
        for verdict in try await take(offers, .allOrNone) {
            guard case .postponed = verdict else { Issue.record("\(verdict)"); return }
        }
        for verdict in try await take(offers, .allOrNone) {
            guard case .archived = verdict else { Issue.record("\(verdict)"); return }
        }
        try await site.expectSound()
    }

    @Test("An offer without files, or with one name twice, is set aside")
    func oddOffers() async throws {
        var empty = try await offer("g1")
        empty.files = []
        var twice = try await offer("g2")
        twice.files[1].name = twice.files[0].name
        for verdict in try await take([empty, twice]) {
            guard case .quarantined = verdict else { Issue.record("\(verdict)"); return }
        }
        try await site.expectSound()
    }

    @Test("Arrivals that a dead process left claimed end at recovery, and come again", arguments: ["job/p", "cnm/w"])
    func recovery(source: String) async throws {
        let offers = [try await offer("g1", source: source)]
        _ = try await site.ingester.claim(offers)
        try await IntakeRecovery.run(site.catalog)
        #expect(try await site.arrivals().allSatisfy { $0.state == .vanished && $0.reasonCode == "attempt.ended" })
        guard case .archived = try await take(offers)[0] else { Issue.record("not archived"); return }
        try await site.expectSound()
    }

    enum Death: CaseIterable { case claimed, staged, published }

    @Test("A death at any step leaves nothing lost and nothing twice", arguments: Death.allCases, [true, false])
    func death(at death: Death, isRestart: Bool) async throws {
        try await site.scan()
        site.clock.advance(by: .seconds(5))
        let ready = try await site.arrivals()
        var offers = [try await offer("g1", source: "staging"), try await offer("g2", source: "staging")]
        for index in offers.indices {
            offers[index].files = offers[index].files.map { file in
                var file = file
                file.arrivalID = ready.first { $0.path == file.entry.path }?.id
                return file
            }
        }
        var cases = try await site.ingester.claim(offers)
        for index in cases.indices { cases[index].collection = site.collection }
        if death != .claimed { await site.ingester.stage(&cases) }
        if death == .published {
            for index in cases.indices { cases[index].judgement = .publish(revision: 1) }
            _ = try await site.ingester.publish(cases)
        }
        if isRestart { try await site.watcher().recover() }
        try await site.settle()
        try await site.settle()
        for name in ["g1", "g2"] { #expect(try await site.granules(name).map(\.state) == [.archived]) }
        #expect(try await site.arrivals().count == 4)
        try await site.expectSound()
    }

    @Test("What was recorded and not removed is removed by the next life")
    func recordedNotRemoved() async throws {
        try await site.settle()
        #expect(store.bytes(at: "g1.nc") != nil)
        site.configuration.afterwards = .delete
        try await site.scan()
        #expect(store.bytes(at: "g1.nc") == nil)
        try await site.expectSound()
    }
}

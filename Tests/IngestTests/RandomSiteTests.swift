// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryIngest

/// A provider who does everything wrong in turn, an archive that fails, and a process that dies: seeded, and always balanced.
@Suite struct RandomSiteTests {
    @Test("However it went, everything seen is in one state, and what was whole is archived once", arguments: 0..<12)
    func balance(seed: UInt64) async throws {
        let (staging, archive) = (MemoryStore(), MemoryStore())
        let site = try Site(staging: staging, archive: archive)
        var chance = SeededGenerator(seed: seed)
        var generations = 0
        func put(_ name: String, _ text: String) {
            staging.put(BytePath(name), bytes(text))
            generations += 1
        }
        for _ in 0..<40 {
            let name = "g\(Int.random(in: 0..<6, using: &chance))"
            switch Int.random(in: 0..<9, using: &chance) {
            case 0: put(name + ".nc", String("data of \(name)".prefix(Int.random(in: 1..<12, using: &chance))))
            case 1: put(name + ".met", "met")
            case 2: staging.delete(BytePath(name + ".met"))
            case 3: archive.faults.failNext(chance.oneIn(2) ? .stage : .publish, with: .planned(.storeFull))
            case 4: try await site.watcher().recover()
            case 5: site.clock.step(to: site.clock.now() + .seconds(chance.oneIn(2) ? 90_000 : -90_000))
            case 6: staging.faults.failNext(.send, with: .planned(.sourceUnreadable))
            default: break
            }
            try await site.scan()
            site.clock.advance(by: .seconds(Int.random(in: 1..<6, using: &chance)))
            try await site.expectSound("seed \(seed)")
        }
        // The last word of the provider: whole files with their checksums, and a quiet week.
        for number in 0..<6 {
            let name = "h\(number)"
            for (suffix, text) in [(".nc", "data of \(name)"), (".met", "met")] {
                put("g" + name + suffix, text)
                put("g" + name + suffix + ".md5", md5(text))
            }
        }
        for _ in 0..<4 { try await site.settle() }
        for number in 0..<6 {
            #expect(try await site.granules("gh\(number)").map(\.state) == [.archived], "seed \(seed)")
        }
        let open = try await site.arrivals().filter { $0.endedAt == nil && $0.state != .waiting }
        #expect(open.isEmpty, "seed \(seed)")
        #expect(try await site.arrivals().count <= generations, "seed \(seed)")
        try await site.expectSound("seed \(seed)")
    }
}

// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

@Suite struct HostilePathTests {
    @Test("no symbolic link is followed: at the end, in the middle, in the archive")
    func symbolicLinks() async throws {
        let site = try Site()
        let outside = try TemporaryDirectory()
        outside.write("secret", [7])
        site.staging.link("file", to: outside.path + "/secret")
        site.staging.link("directory", to: outside.path)
        for path: BytePath in ["file", "directory/secret"] {
            #expect(await failureCode { _ = try await site.source.read(path, limit: 9) } == .pathRefused)
            let request = StageRequest(path: path, generation: "any", target: "t")
            let staged = await site.archive.stage([request], from: site.source)
            #expect(await failureCode { _ = try staged[0].get() } == .pathRefused)
        }
        var kinds: [BytePath: StoreEntry.Kind] = [:]
        for try await page in site.source.entries() { for entry in page { kinds[entry.path] = entry.kind } }
        #expect(kinds == ["file": .symbolicLink, "directory": .symbolicLink])

        site.archiveDirectory.link("a", to: outside.path)
        site.staging.write("good", [1])
        let staged = try await site.stage("good", target: "a/good")
        #expect(await failureCode { _ = try await site.archive.publish([staged])[0].get() } == .pathRefused)
        site.archiveDirectory.write("b", [])
        let blocked = try await site.stage("good", target: "b/good")
        #expect(await failureCode { _ = try await site.archive.publish([blocked])[0].get() } == .pathRefused)
        #expect(outside.names() == ["secret"])
        #expect(site.leftovers.isEmpty)
    }

    @Test("temporary space behind a symbolic link is refused")
    func linkedWorkspace() async throws {
        let site = try Site()
        let outside = try TemporaryDirectory()
        outside.makeDirectory("tmp")
        site.archiveDirectory.link(".granary", to: outside.path)
        site.staging.write("file", [1])
        #expect(await failureCode { _ = try await site.stage("file") } == .pathRefused)
        #expect(outside.names(in: "tmp").isEmpty)
    }

    @Test("pipes, sockets and devices are seen, and never waited for")
    func pipes() async throws {
        let site = try Site()
        mkfifo(site.staging.cPath("pipe"), 0o644)
        mknod(site.staging.cPath("device"), S_IFCHR | 0o644, 0x0105)
        let entry = try #require(try await site.source.entry(at: "pipe"))
        #expect(entry.kind == .pipe)
        let request = StageRequest(path: "pipe", generation: entry.generation, target: "pipe")
        let staged = await site.archive.stage([request], from: site.source)
        #expect(await failureCode { _ = try staged[0].get() } == .pathRefused)
        #expect(
            await failureCode { _ = try await site.source.remove("pipe", generation: entry.generation) } == .pathRefused
        )
        if getuid() == 0 {
            #expect(await failureCode { _ = try await site.source.read("device", limit: 10) } == .pathRefused)
        }
    }

    @Test("names of 255 bytes pass; longer ones are refused before a byte is copied")
    func longNames() async throws {
        let site = try Site()
        let longest = BytePath(Array(repeating: UInt8(ascii: "x"), count: 255))
        site.staging.write(longest, [1])
        let staged = try await site.stage(longest)
        #expect(try await site.archive.publish([staged])[0].get() == .published)
        let tooLong = BytePath(longest.bytes + [UInt8(ascii: "x")])
        #expect(await failureCode { _ = try await site.stage(longest, target: tooLong) } == .pathRefused)
        #expect(await failureCode { _ = try await site.source.entry(at: tooLong) } == .pathRefused)
    }

    @Test("names that are not text, or look like others, are listed and staged as their bytes")
    func oddNames() async throws {
        let site = try Site()
        let names: Set<BytePath> = ["caf\u{E9}", "cafe\u{301}", BytePath([0xFF, 0xFE]), "new\nline", "tab\t", "..."]
        for name in names { site.staging.write(name, name.bytes) }
        var seen: Set<BytePath> = []
        for try await page in site.source.entries() { seen.formUnion(page.map(\.path)) }
        #expect(seen == names)
        for name in names {
            let staged = try await site.stage(name)
            #expect(try await site.archive.publish([staged])[0].get() == .published)
            #expect(site.archiveDirectory.read(name) == name.bytes)
        }
    }

    @Test("the store's own directory is neither listed nor a target")
    func reserved() async throws {
        let site = try Site()
        site.staging.write("file", [1])
        _ = try await site.stage("file")
        for try await page in site.archive.entries() { #expect(page.isEmpty) }
        #expect(await failureCode { _ = try await site.stage("file", target: ".granary/tmp/x") } == .pathRefused)
        let forged = StagedFile(target: "x", token: "../../file", size: 1, digests: [:])
        #expect(await failureCode { _ = try await site.archive.publish([forged])[0].get() } == .notFound)
    }

    @Test("a tree deeper than the limit is shown as a directory, and its neighbours are listed")
    func deepTree() async throws {
        let site = try Site()
        var path: BytePath = "d"
        for _ in 0..<80 {
            site.staging.makeDirectory(path)
            path = path.appending("d")
        }
        site.staging.write("neighbour", [])
        var entries: [StoreEntry] = []
        for try await page in site.source.entries() { entries += page }
        #expect(entries.count == 2)
        #expect(entries.contains { $0.kind == .directory && $0.path.components.count == Limits.directoryDepth })
    }

    @Test("a listing of many entries comes in pages and misses none")
    func manyEntries() async throws {
        let site = try Site()
        for directory in 0..<5 {
            site.staging.makeDirectory(BytePath("d\(directory)"))
            for index in 0..<700 { site.staging.write(BytePath("d\(directory)/f\(index)"), []) }
        }
        var seen: Set<BytePath> = []
        for try await page in site.source.entries() {
            #expect(page.count <= Limits.listingPage)
            seen.formUnion(page.map(\.path))
        }
        #expect(seen.count == 3500)
    }
}

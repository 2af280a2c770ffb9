// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCatalog
import GranaryCore
import GranaryIngest
import GranaryTesting
import GranaryTransfer
import Testing

/// A real folder that holds what no provider should send.
@Suite struct LocalStagingTests {
    let folder: TemporaryDirectory
    let vault: TemporaryDirectory
    let site: Site

    init() throws {
        (folder, vault) = (try TemporaryDirectory(), try TemporaryDirectory())
        site = try Site(staging: try LocalStore(root: folder.path), archive: try LocalStore(root: vault.path))
        site.collection.files = [try Site.rule(#"(?<granule>.*)\.nc"#, .data, "data")]
    }

    private func write(_ name: [UInt8], _ text: String = "data", to root: String? = nil) throws {
        let path = Array((root ?? folder.path).utf8) + [UInt8(ascii: "/")] + name + [0]
        let file = path.withUnsafeBytes { open($0.bindMemory(to: CChar.self).baseAddress!, O_CREAT | O_WRONLY, 0o644) }
        try #require(file >= 0)
        defer { close(file) }
        try #require(
            Array(text.utf8).withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == text.utf8.count)
    }

    private func write(_ name: String, _ text: String = "data") throws { try write(Array(name.utf8), text) }

    @Test("Every name is accounted for: archived under its bytes, or set aside with a reason")
    func hostileNames() async throws {
        let good = [
            "-rf.nc", "caf\u{E9}.nc", "cafe\u{301}.nc", String(repeating: "n", count: 252) + ".nc", "$(reboot);'\".nc",
            "a\\b.nc", "%2e%2e.nc", "CON.nc", "\u{202E}fdp.nc", " lead.nc", "UP.nc", "up.nc", "LIKE%_.nc",
        ]
        for name in good { try write(name, "bytes of \(name.utf8.map(String.init).joined())") }
        try write([0x66, 0xFF, 0x2E, 0x6E, 0x63])
        try write("new\nline.nc")
        try write("half.nc.part")
        try write(".hidden.nc")
        try write("unknown.dat")
        mkfifo(folder.file("pipe.nc"), 0o644)
        symlink("/etc/passwd", folder.file("link.nc"))
        symlink("nowhere", folder.file("broken.nc"))
        try await site.settle()
        for name in good { #expect(try await site.seen(BytePath(name)) == .init(state: .archived), "\(name)") }
        let others: [(BytePath, Site.Seen)] = [
            (BytePath([0x66, 0xFF, 0x2E, 0x6E, 0x63]), .init(state: .rejected, code: "name.not-utf8")),
            ("new\nline.nc", .init(state: .rejected, code: "name.control")),
            ("half.nc.part", .init(state: .ignored, code: "name.temporary")),
            (".hidden.nc", .init(state: .ignored, code: "name.temporary")),
            ("unknown.dat", .init(state: .quarantined, code: "name.unknown")),
            ("pipe.nc", .init(state: .rejected, code: "kind.pipe")),
            ("link.nc", .init(state: .rejected, code: "kind.symbolic-link")),
            ("broken.nc", .init(state: .rejected, code: "kind.symbolic-link")),
        ]
        for (path, expected) in others { #expect(try await site.seen(path) == expected, "\(path)") }
        #expect(try await site.arrivals().count == good.count + others.count)
        try await site.expectSound()
    }

    @Test("A granule whose name leads out of the archive is set aside")
    func escape() async throws {
        site.collection.files = [try Site.rule(#"x(?<granule>.*)\.nc"#, .data, "data")]
        try write("x...nc")
        try write("x.nc")
        try await site.settle()
        #expect(try await site.seen("x...nc") == .init(state: .quarantined, code: "path.refused"))
        #expect(try await site.seen("x.nc") == .init(state: .quarantined, code: "path.refused"))
        try await site.expectSound()
    }

    @Test("The archive's copy is read-only and survives what becomes of its source")
    func truncatedAfterwards() async throws {
        try write("g1.nc", "whole")
        try await site.settle()
        truncate(folder.file("g1.nc"), 1)
        try await site.settle()
        #expect(try await site.arrivals("g1.nc").map(\.state) == [.archived, .quarantined])
        #expect(try await site.archive.read("L2.1/g1/g1.nc", limit: 10) == bytes("whole"))
        var status = stat()
        stat(vault.file("L2.1/g1/g1.nc"), &status)
        #expect(status.st_mode & 0o777 == 0o444)
        try await site.expectSound()
    }

    @Test("A staging area that is gone is an error, and nothing vanished")
    func rootGone() async throws {
        try write("g1.nc")
        try await site.scan()
        rename(folder.path, folder.path + ".away")
        await #expect(throws: GranaryError.self) { try await site.scan() }
        mkdir(folder.path, 0o755)
        await #expect(throws: GranaryError.self) { try await site.scan() }
        #expect(try await site.arrivals().allSatisfy { $0.endedAt == nil })
        rmdir(folder.path)
        rename(folder.path + ".away", folder.path)
        try await site.settle()
        #expect(try await site.state("g1.nc") == .archived)
        try await site.expectSound()
    }

    @Test("Only the very generation that was read is removed")
    func afterwardsDelete() async throws {
        site.configuration.afterwards = .delete
        try write("g1.nc", "first")
        try await site.settle()
        #expect(access(folder.file("g1.nc"), F_OK) != 0)
        try write("g1.nc", "other")
        try await site.settle()
        #expect(access(folder.file("g1.nc"), F_OK) == 0)
        #expect(try await site.seen("g1.nc") == .init(state: .quarantined, code: "granule.conflict"))
    }
}

@Suite struct StagingNoticesTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func touch(_ name: String) { close(open(folder.file(name), O_CREAT | O_WRONLY, 0o644)) }

    /// Asks until the notice is there; each wait ends with a notice, and the last one with the time limit.
    private func wasClosed(_ path: BytePath, _ notices: StagingNotices) async -> Bool {
        for _ in 0..<10 {
            if notices.wasClosed(path) { return true }
            await notices.wait(atMost: .milliseconds(500))
        }
        return false
    }

    @Test("A change ends the wait; a rename into place says that a file is finished, once")
    func movedInto() async throws {
        let notices = try #require(StagingNotices(root: folder.path))
        touch("a.tmp")
        await notices.wait(atMost: .seconds(60))
        rename(folder.file("a.tmp"), folder.file("a.nc"))
        #expect(await wasClosed("a.nc", notices))
        #expect(!notices.wasClosed("a.nc"))
        #expect(!notices.wasClosed("a.tmp"))
    }

    @Test("Folders made later are watched too")
    func laterFolder() async throws {
        let notices = try #require(StagingNotices(root: folder.path))
        mkdir(folder.file("sub"), 0o755)
        await notices.wait(atMost: .seconds(60))
        touch("b.tmp")
        rename(folder.file("b.tmp"), folder.file("sub/b.nc"))
        #expect(await wasClosed("sub/b.nc", notices))
    }

    @Test("A file that is written to after its rename is not taken for finished")
    func writtenAfterwards() async throws {
        let notices = try #require(StagingNotices(root: folder.path))
        touch("c.tmp")
        rename(folder.file("c.tmp"), folder.file("c.nc"))
        touch("c.nc")
        touch("d.tmp")
        rename(folder.file("d.tmp"), folder.file("d.nc"))
        #expect(await wasClosed("d.nc", notices), "events come in order: that of c.nc is in")
        #expect(!notices.wasClosed("c.nc"))
    }

    @Test("Nothing ends the wait but the time, or the end of its task")
    func quiet() async throws {
        let notices = try #require(StagingNotices(root: folder.path))
        await notices.wait(atMost: .milliseconds(20))
        let task = Task { await notices.wait(atMost: .seconds(600)) }
        task.cancel()
        await task.value
    }

    @Test("A folder that is not there gives no watch, and harms nothing")
    func noFolder() async {
        let notices = StagingNotices(root: folder.file("nowhere"))
        await notices?.wait(atMost: .milliseconds(1))
    }
}

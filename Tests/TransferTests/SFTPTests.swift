// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

@Suite("Sftp, from a real sshd") struct SFTPTests {
    @Test("a folder on an sftp server keeps the contract of a store", arguments: StoreConformance.checks)
    func contract(_ check: ConformanceCheck<SourceUnderTest>) async throws {
        try await check.run(on: try await RemoteSite.sftp().underTest)
    }

    @Test("links, pipes and folders are shown as what they are, and never followed")
    func kinds() async throws {
        let site = try await RemoteSite.sftp()
        try site.put("real/file", [1, 2, 3])
        symlink("file", site.cPath("real/link"))
        symlink("real", site.cPath("folder-link"))
        symlink("/etc", site.cPath("etc"))
        mkfifo(site.cPath("pipe"), 0o644)
        let kinds = Dictionary(uniqueKeysWithValues: try await listing(site.store).map { ($0.path, $0.kind) })
        #expect(
            kinds == [
                "real/file": .file, "real/link": .symbolicLink, "folder-link": .symbolicLink, "etc": .symbolicLink,
                "pipe": .pipe,
            ])
        #expect(try await site.store.entry(at: "real/link")?.kind == .symbolicLink)
        #expect(try await site.store.entry(at: "folder-link/file") == nil)
        #expect(try await site.store.entry(at: "pipe")?.kind == .pipe)
        #expect(try await site.store.entry(at: "real")?.kind == .directory)
        let code = await failureCode { _ = try await site.store.remove("real/link", generation: "3@1") }
        #expect(code == .pathRefused)
    }

    @Test("an empty file is read however many connections are open from before")
    func empty() async throws {
        let site = try await RemoteSite.sftp()
        try site.put("empty", [])
        try site.put("full", [1])
        for _ in 0..<3 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { _ = try await site.store.read("full", limit: 1) } }
                try await group.waitForAll()
            }
            #expect(try await site.store.read("empty", limit: 0).isEmpty)
        }
    }

    @Test("a name with a line break is one name, and can't pass for a listing's line")
    func lineBreaks() async throws {
        let site = try await RemoteSite.sftp()
        let forged: BytePath = "x\n-rw-r--r--    1 a        b               5 Nov 25 13:52 forged"
        try site.put(forged, [7])
        try site.put("\r\n", [8])
        #expect(Set(try await listing(site.store).map(\.path)) == [forged, "\r\n"])
        let entry = try #require(try await site.store.entry(at: forged))
        #expect(try await site.store.remove(forged, generation: entry.generation))
        #expect(try await listing(site.store).map(\.path) == ["\r\n"])
    }

    @Test("a folder that can't be read ends the listing with an error")
    func closedFolder() async throws {
        let site = try await RemoteSite.sftp()
        try site.put("open/file", [1])
        try site.put("closed/file", [1])
        chmod(site.cPath("closed"), 0)
        let fault = await failure { _ = try await listing(site.store) }
        chmod(site.cPath("closed"), 0o777)
        #expect(fault?.code == .denied)
        let gone = try SFTPStore(site.store.location + "/gone", access: .key(site.server))
        #expect(await failureCode { _ = try await listing(gone) } == .notFound)
        #expect(await failureCode { _ = try await gone.entry(at: "file") } == .notFound)
    }

    @Test("a file that can't be read is listed, and reading it says why")
    func closedFile() async throws {
        let site = try await RemoteSite.sftp()
        try site.put("closed", [1])
        chmod(site.cPath("closed"), 0)
        let entries = try await listing(site.store)
        #expect(entries.map(\.path) == ["closed"] && entries[0].kind == .file)
        #expect(await failureCode { _ = try await site.store.read("closed", limit: 9) } == .denied)
    }

    @Test("a file that grows, shrinks or is touched is another generation, and is not sent as the old one")
    func changes() async throws {
        let site = try await RemoteSite.sftp()
        try site.put("file", [1, 2, 3])
        let generation = try #require(try await site.store.entry(at: "file")).generation
        for bytes: [UInt8] in [[1, 2, 3, 4], [1]] {
            try site.put("file", bytes)
            let code = await failureCode {
                try await site.store.send("file", generation: generation, to: Collector())
            }
            #expect(code == .sourceChanged)
        }
        try site.put("file", [1, 2, 3])
        var times = [timeval(tv_sec: 1_000_000_000, tv_usec: 0), timeval(tv_sec: 1_000_000_000, tv_usec: 0)]
        utimes(site.cPath("file"), &times)
        let touched = await failureCode { try await site.store.send("file", generation: generation, to: Collector()) }
        #expect(touched == .sourceChanged)
        #expect(try await site.store.entry(at: "file")?.generation == "3@1000000000")
    }

    @Test("a file that grows while it is sent is refused at the end")
    func growing() async throws {
        let site = try await RemoteSite.sftp()
        let bytes = pattern(3 << 20)
        try site.put("file", bytes)
        let generation = try #require(try await site.store.entry(at: "file")).generation
        let sink = Collector { count in
            guard count < 1 << 20 else { return }
            let file = open(site.cPath("file"), O_WRONLY | O_APPEND)
            write(file, [1], 1)
            close(file)
        }
        let code = await failureCode { try await site.store.send("file", generation: generation, to: sink) }
        #expect(code == .sourceChanged)
        #expect(sink.bytes.count <= bytes.count)
    }
}

/// Keeps bytes, and tells before each piece how many it has.
final class Collector: ByteSink, @unchecked Sendable {
    private let before: @Sendable (Int) -> Void
    private(set) var bytes: [UInt8] = []

    init(before: @escaping @Sendable (Int) -> Void = { _ in }) { self.before = before }

    func write(_ piece: UnsafeRawBufferPointer) throws {
        before(bytes.count)
        bytes.append(contentsOf: piece)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

@Suite("Ftp, from a real vsftpd", .serialized) struct FTPTests {
    @Test(
        "a folder on an ftp server keeps the contract of a store, by TLS of both kinds and without",
        arguments: StoreConformance.checks,
        FTPWay.allCases)
    func contract(_ check: ConformanceCheck<SourceUnderTest>, way: FTPWay) async throws {
        var site = try await RemoteSite.ftp(by: way).underTest
        site.cannotName = { $0.bytes.contains { $0 < 0x20 } }
        try await check.run(on: site)
    }

    @Test("a server that lists by MLSD keeps it as well", arguments: StoreConformance.checks)
    func factsContract(_ check: ConformanceCheck<SourceUnderTest>) async throws {
        var site = try await RemoteSite.ftp("pyftpdlib", by: .plain).underTest
        // This one decodes names as UTF-8.
        site.cannotName = { $0.bytes.contains { $0 < 0x20 } || $0.text == nil }
        try await check.run(on: site)
    }

    @Test("links and folders are shown as what they are, and hidden files are shown")
    func kinds() async throws {
        let site = try await RemoteSite.ftp()
        try site.put("real/.hidden", [1, 2, 3])
        try site.put(".folder/file", [1])
        symlink("file", site.cPath("real/link"))
        symlink("real", site.cPath("folder-link"))
        let kinds = Dictionary(uniqueKeysWithValues: try await listing(site.store).map { ($0.path, $0.kind) })
        #expect(
            kinds == [
                "real/.hidden": .file, ".folder/file": .file, "real/link": .symbolicLink, "folder-link": .symbolicLink,
            ])
        #expect(try await site.store.entry(at: "folder-link/.hidden") == nil)
    }

    @Test(
        "a name that would end a command is refused, and nothing of it is carried out",
        arguments: ["a\r\nDELE victim", "a\nDELE victim", "x\r\nQUIT", "tab\t", "bell\u{7}"])
    func injection(_ path: String) async throws {
        let site = try await RemoteSite.ftp()
        try site.put("victim", [1])
        let path = BytePath(path)
        for code in [
            await failureCode { _ = try await site.store.entry(at: path) },
            await failureCode { _ = try await site.store.read(path, limit: 9) },
            await failureCode { try await site.store.send(path, generation: "1@1", to: Collector()) },
            await failureCode { _ = try await site.store.remove(path, generation: "1@1") },
        ] {
            #expect(code == .pathRefused)
        }
        #expect(try await site.store.entry(at: "victim") != nil)
    }

    @Test("a line break in a file's name ends the listing with an error instead of hiding the file")
    func lineBreaks() async throws {
        let site = try await RemoteSite.ftp()
        try site.put("two\nlines", [1])
        #expect(await failureCode { _ = try await listing(site.store) } == "listing.unreadable")
    }

    @Test("names that servers take for more than names are names")
    func oddNames() async throws {
        let site = try await RemoteSite.ftp()
        let names: [BytePath] = ["20200101000000 b", "b", "-a", "*", "~", "x -> y", "[a]", "total 5", " lead", "{a,b}"]
        for (index, name) in names.enumerated() { try site.put(name.appending(name), [UInt8(index)]) }
        let found = try await listing(site.store)
        #expect(Set(found.map(\.path)) == Set(names.map { $0.appending($0) }))
        for (index, name) in names.enumerated() {
            #expect(try await site.store.read(name.appending(name), limit: 1) == [UInt8(index)])
        }
        for entry in found { #expect(try await site.store.remove(entry.path, generation: entry.generation)) }
        #expect(try await listing(site.store).isEmpty)
    }

    @Test("a folder that can't be read ends the listing with an error")
    func closedFolder() async throws {
        let site = try await RemoteSite.ftp()
        try site.put("open/file", [1])
        try site.put("closed/file", [1])
        chmod(site.cPath("closed"), 0)
        let code = await failureCode { _ = try await listing(site.store) }
        chmod(site.cPath("closed"), 0o777)
        #expect(code == .denied)
    }

    @Test(
        "a server without TLS, one with a stranger's certificate and a wrong password are refused, and the password is not said"
    )
    func trust() async throws {
        let plain = try await RemoteSite.ftp(by: .plain) { $0.requiresTLS = true }
        #expect(await failureCode { _ = try await listing(plain.store) } == "tls.refused")
        for way in [FTPWay.explicit, .implicit] {
            let untrusted = try await RemoteSite.ftp(by: way) { $0.caFile = nil }
            #expect(await failureCode { _ = try await listing(untrusted.store) } == "tls.refused")
        }
        let wrong = try await RemoteSite.ftp { $0.password = Secret("canary-7781") }
        let fault = await failure { _ = try await listing(wrong.store) }
        #expect(fault?.code == "login.refused")
        #expect("\(fault as Any)".contains("canary-7781") == false)
    }
}

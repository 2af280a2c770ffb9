// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

@Suite("Who is trusted by sftp, and who trusts us") struct SFTPTrustTests {
    @Test("a password, a key and a locked key each open the door")
    func logins() async throws {
        let server = try await TestServer.start("sshd")
        var locked = ServerAccess.key(server, "ENCRYPTED_KEY")
        locked.keyPassphrase = Secret(server["PASSPHRASE"])
        for access in [.key(server), .password(server, server["PASSWORD"]), locked] {
            let site = try await RemoteSite.sftp { _ in access }
            try site.put("file", [1])
            #expect(try await site.store.read("file", limit: 1) == [1])
        }
    }

    @Test("a wrong password, a wrong passphrase and a stranger's key are refused, and not said")
    func refusals() async throws {
        let server = try await TestServer.start("sshd")
        var locked = ServerAccess.key(server, "ENCRYPTED_KEY")
        locked.keyPassphrase = Secret("canary-7781")
        for access in [.password(server, "canary-7781"), locked, .key(server, "STRANGER_KEY")] {
            let site = try await RemoteSite.sftp { _ in access }
            let fault = await failure { _ = try await listing(site.store) }
            #expect(fault?.code == "login.refused" && fault?.disposition == .stop)
            #expect("\(fault as Any)".contains("canary-7781") == false)
        }
    }

    @Test("an RSA key is refused, and the error says why")
    func rsa() async throws {
        let site = try await RemoteSite.sftp { .key($0, "RSA_KEY") }
        let fault = await failure { _ = try await listing(site.store) }
        #expect(fault?.code == "login.refused")
        #expect(fault?.remedy.contains("RSA") == true)
    }

    @Test(
        "a server with another key, or one that nobody knows, is not spoken to",
        arguments: ["other", "unknown", "no file"])
    func hostKey(_ kind: String) async throws {
        let nothing = try TemporaryDirectory()
        let site = try await RemoteSite.sftp { server in
            var access = ServerAccess.password(server, "canary-7781")
            access.knownHosts =
                kind == "other" ? server["WRONG_KNOWN_HOSTS"] : kind == "unknown" ? "/dev/null" : nothing.path + "/none"
            return access
        }
        let fault = await failure { _ = try await listing(site.store) }
        #expect(fault?.code == "host-key.refused" && fault?.disposition == .stop)
        #expect(fault?.remedy.isEmpty == false)
    }

    @Test("a place without known_hosts, or that is no sftp URL, is no place")
    func places() async throws {
        let server = try await TestServer.start("sshd")
        var unknowing = ServerAccess.key(server)
        unknowing.knownHosts = nil
        #expect(throws: GranaryError.self) { try SFTPStore("sftp://host/data", access: unknowing) }
        for url in [
            "ftp://host/data", "sftp://user@host/", "sftp://host/a%00b", "sftp://host/a?b", "sftp:", "sftp://host/%zz",
        ] {
            #expect(throws: GranaryError.self) { try SFTPStore(url, access: .key(server)) }
        }
    }
}

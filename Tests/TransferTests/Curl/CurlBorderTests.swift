// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@testable import GranaryTransfer

/// Where requests may not go, and what may not go along.
@Suite struct CurlBorderTests {
    @Test(
        "no link-local address is contacted, however it is written",
        arguments: [
            "169.254.169.254", "169.254.0.1:80", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "169.254.43518",
            "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[fe80::1]", "[FE80::1%25eth0]", "[febf::1]",
            "[fd00:ec2::254]", "[64:ff9b::169.254.169.254]", "[2002:a9fe:a9fe::1]", "[::169.254.169.254]",
        ])
    func linkLocal(host: String) async throws {
        let request = TransferRequest(
            "http://\(host)/latest/meta-data/", access: access { $0.connectLimit = .seconds(1) })
        await expect(code: .addressRefused) { try await CurlEngine.shared.exchange(request, limit: 0) }
    }

    @Test("what a name resolves to is looked at too, before a packet leaves")
    func resolved() async throws {
        // The way to a proxy passes the same door as that to any host, and its address is seen nowhere earlier.
        let request = TransferRequest(
            "http://archive.invalid/", access: access { $0.proxy = "http://169.254.169.254:80" })
        await expect(code: .addressRefused) { try await CurlEngine.shared.exchange(request, limit: 0) }
    }

    @Test("other private addresses are the operator's own")
    func notLinkLocal() {
        for host in [
            "127.0.0.1", "10.0.0.1", "169.253.1.1", "192.168.1.1", "::1", "fd00::1", "fec0::1", "::ffff:10.0.0.1",
        ] {
            #expect(AddressRule.literal(host).map(AddressRule.isLinkLocal) == false, "\(host)")
        }
        #expect(AddressRule.literal("example.org") == nil)
    }

    @Test("a redirect is an answer like any other unless its host is listed")
    func unlisted() async throws {
        let (server, journal) = try redirecting(to: "http://127.0.0.1:9/elsewhere")
        let answer = try await CurlEngine.shared.exchange(TransferRequest(server.url, access: access()), limit: 99)
        #expect(answer.status == 302)
        let fault = httpFault(answer, doing: "fetch", subject: server.url)
        #expect(fault.code == .redirectRefused && fault.message.contains("127.0.0.1:9/elsewhere"))
        #expect(journal.withLock { $0.count } == 1)
    }

    @Test("a redirect to a listed host is followed, without what is secret")
    func listed() async throws {
        let target = try ScriptedServer { request, connection in
            connection.answer(200, [], request.lines.joined(separator: "\n").utf8)
        }
        let (server, _) = try redirecting(to: "\(target.url)/there?a=b")
        var request = TransferRequest(
            server.url,
            access: access {
                ($0.user, $0.password) = ("me", Secret("canary-4711"))
                $0.redirectHosts = ["127.0.0.1:\(target.port)"]
            })
        request.headers = [
            TransferHeader("authorization", "Bearer canary-4711"),
            TransferHeader("X-Amz-Security-Token", "canary-4711"),
            TransferHeader("Cookie", "canary-4711"), TransferHeader("Range", "bytes=0-"),
        ]
        let answer = try await CurlEngine.shared.exchange(request, limit: 4096)
        let seen = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == 200 && seen.contains("Range: bytes=0-") && !seen.contains("canary"))
        #expect(!seen.lowercased().contains("authorization"))
    }

    @Test("redirects without end, and those of what sends, are not followed")
    func endless() async throws {
        let hosts: (inout ServerAccess) -> Void = { $0.redirectHosts = ["127.0.0.1"] }
        let (server, journal) = try redirecting(to: "/again")
        await expect(code: .redirectRefused) {
            try await CurlEngine.shared.exchange(TransferRequest(server.url, access: access(hosts)), limit: 99)
        }
        #expect(journal.withLock { $0.count } == 6)
        var upload = TransferRequest(server.url, access: access(hosts))
        (upload.method, upload.body) = ("PUT", .bytes([1]))
        let answer = try await CurlEngine.shared.exchange(upload, limit: 99)
        #expect(answer.status == 302)
    }

    @Test(
        "where a redirect may lead",
        arguments: [
            ("https://a/", "https://b/", true), ("http://a/", "https://b/", true), ("http://a/", "http://B./", true),
            ("https://a/", "http://b/", false), ("https://a/", "https://c/", false), ("http://a/", "ftp://b/", false),
            ("http://a/", "https://b.evil/", false), ("http://a/", "http://c:81/", true),
            ("http://a/", "http://c:82/", false),
            ("http://a/", "http://b@evil/", false), ("http://a/", "//b/x", true), ("http://a/", "file:///b", false),
        ])
    func allowed(from: String, to: String, may: Bool) throws {
        var request = TransferRequest(from, access: access { $0.redirectHosts = ["b", "c:81"] })
        request.headers = []
        var answer = TransferAnswer()
        (answer.status, answer.headers) = (302, [TransferHeader("Location", to)])
        #expect((Redirect.next(of: request, at: try TransferURL(from), answer) != nil) == may)
    }

    @Test("neither a password nor a signed query appears in an error")
    func secrets() async throws {
        let port = try { try ScriptedServer { _, _ in }.port }()
        let request = TransferRequest(
            "http://127.0.0.1:\(port)/file?X-Amz-Signature=canary-4711",
            access: access { ($0.user, $0.password) = ("me", Secret("canary-4711")) })
        do {
            _ = try await CurlEngine.shared.exchange(request, limit: 0)
            Issue.record("nobody answers there")
        } catch {
            var text = ""
            dump(error, to: &text)
            #expect(!"\(error)\(text)".contains("canary"))
        }
        var text = ""
        dump(request, to: &text)
        #expect(!request.access.password.debugDescription.contains("canary"))
    }

    /// A server that redirects everything, and what was asked of it.
    private func redirecting(to location: String) throws -> (ScriptedServer, Journal) {
        let journal = Journal()
        let server = try ScriptedServer { request, connection in
            journal.lines.withLock { $0.append(request.target) }
            connection.answer(302, ["Location: \(location)"], Array("elsewhere".utf8))
        }
        return (server, journal)
    }
}

final class Journal: Sendable {
    let lines = Mutex<[String]>([])
    func withLock<Value: Sendable>(_ body: ([String]) -> Value) -> Value { lines.withLock { body($0) } }
}

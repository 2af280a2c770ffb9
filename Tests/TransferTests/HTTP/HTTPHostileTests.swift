// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@testable import GranaryTransfer

/// Web servers that are not what they seem.
@Suite struct HTTPHostileTests {
    private static let page = """
        <html><head><title>Index of /data/</title></head><body><a href="../">../</a>
        <a href="good.nc">good.nc</a> <a href="../../etc/passwd">x</a> <a href="/etc/passwd">x</a>
        <a href="http://169.254.169.254/latest">x</a> <a href="//127.0.0.1:9/x">x</a> <a href="%2e%2e">x</a>
        <a href="..%2f..%2fsecret/">x</a> <a href="file:///etc/shadow">x</a> <a href="moved.nc">x</a>
        <a href="good.nc?download=1">x</a></body></html>
        """

    @Test("what a listing shows outside of itself is seen, refused, and never asked for")
    func links() async throws {
        let journal = Journal()
        let server = try ScriptedServer { request, connection in
            journal.lines.withLock { $0.append("\(request.method) \(request.target)") }
            switch request.target {
            case "/data/": connection.answer(200, ["Content-Type: text/html"], Self.page.utf8)
            case "/data/moved.nc": connection.answer(302, ["Location: http://127.0.0.1:9/"])
            default: connection.write(answerHead(200, ["Content-Length: 5", "ETag: \"1\""]))
            }
        }
        let entries = try await listing(try HTTPStore(server.url + "/data", access: access()))
        let safe = entries.filter { !$0.path.isUnsafe }
        #expect(safe.map(\.path).sorted() == ["good.nc", "moved.nc"])
        #expect(entries.count == 10, "\(entries.map(\.path))")
        #expect(Set(journal.withLock { $0 }) == ["GET /data/", "HEAD /data/good.nc", "HEAD /data/moved.nc"])
    }

    @Test("a listing that is cut, or is no listing, or of another kind, is an error")
    func noListing() async throws {
        let answers: [String: ([String], String)] = [
            "/cut/": (["Content-Type: text/html"], String(Self.page.dropLast(20))),
            "/login/": (["Content-Type: text/html"], "<html><title>Log in</title></html>"),
            "/text/": (["Content-Type: text/plain"], "good.nc"),
            "/json/": (["Content-Type: application/json"], "[{\"name\":\"a\",\"type\":\"file\",\"size\":1},"),
        ]
        let server = try ScriptedServer { request, connection in
            let (headers, page) = answers[request.target] ?? ([], "")
            connection.answer(200, headers, page.utf8)
        }
        for path in answers.keys {
            await expect(code: .sourceUnreadable) { try await listing(HTTPStore(server.url + path, access: access())) }
        }
    }

    @Test("a tree that never ends is walked to the depth that is allowed, and shown from there")
    func endlessTree() async throws {
        let server = try ScriptedServer { request, connection in
            let page = "[{\"name\":\"again\",\"type\":\"directory\"}]"
            connection.answer(200, ["Content-Type: application/json"], page.utf8)
        }
        let entries = try await listing(HTTPStore(server.url, access: access()))
        #expect(entries.map(\.kind) == [.directory])
        #expect(entries[0].path.components.count == Limits.directoryDepth)
    }

    @Test("a listing whose times are not those of its files is not believed")
    func falseTimes() async throws {
        let server = try ScriptedServer { request, connection in
            let page = "[{\"name\":\"a\",\"type\":\"file\",\"size\":1,\"mtime\":\"Sat, 21 Nov 2026 03:11:37 GMT\"}]"
            guard request.method == "GET" else {
                return connection.write(answerHead(200, ["Content-Length: 2", "ETag: \"x\""]))
            }
            connection.answer(200, ["Content-Type: application/json"], page.utf8)
        }
        let store = try HTTPStore(server.url, access: access())
        let entries = try await listing(store)
        #expect(entries.map(\.generation) == ["2@\"x\""])
        #expect(try await store.entry(at: "a")?.generation == entries.first?.generation)
    }
}

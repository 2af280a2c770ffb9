// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@testable import GranaryTransfer

/// What a request looks like when it arrives, and what comes back of an answer.
@Suite struct CurlEngineTests {
    @Test("an answer comes back as it was sent, whatever its status", arguments: [200, 404, 500, 204])
    func answers(status: Int) async throws {
        let body: [UInt8] = status == 204 ? [] : Array(0...255)
        let server = try ScriptedServer { _, connection in
            connection.answer(status, ["X-Odd:   two  words ", "x-empty:", "ETag: \"a:b\""], body)
        }
        let answer = try await CurlEngine.shared.exchange(TransferRequest(server.url, access: access()), limit: 256)
        #expect(answer.status == status && answer.body == body)
        #expect(answer.header("x-ODD") == "two  words" && answer.header("X-Empty") == "")
        #expect(answer.header("etag") == "\"a:b\"" && answer.header("absent") == nil)
    }

    @Test("a request arrives as it was written: path, headers, and nothing that was not asked for")
    func requests() async throws {
        let server = try ScriptedServer { request, connection in
            connection.answer(200, [], ([request.method, request.target] + request.lines).joined(separator: "\n").utf8)
        }
        var request = TransferRequest(server.url + "/a/../b%2Fc//d?x=1&y", access: access())
        request.method = "DELETE"
        request.headers = [TransferHeader("X-One", "1"), TransferHeader("X-None", "")]
        let answer = try await CurlEngine.shared.exchange(request, limit: 4096)
        let lines = String(decoding: answer.body, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(lines.prefix(2) == ["DELETE", "/a/../b%2Fc//d?x=1&y"])
        #expect(
            Set(lines.dropFirst(2)) == [
                "Host: 127.0.0.1:\(server.port)", "User-Agent: granary", "Accept: */*", "X-One: 1", "X-None:",
            ])
    }

    @Test(
        "an upload arrives whole, from bytes and from a source, and is rewound for each try",
        arguments: [0, 1, 700_000])
    func uploads(count: Int) async throws {
        let server = try ScriptedServer { request, connection in
            let length = request.header("Content-Length") ?? "none"
            connection.answer(200, ["X-Length: \(length)", "X-Method: \(request.method)"], request.body)
        }
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let source = ArraySource(bytes)
        for body in [TransferRequest.Body.bytes(bytes), .source(source), .source(source)] {
            var request = TransferRequest(server.url, access: access())
            (request.method, request.body) = ("POST", body)
            let answer = try await CurlEngine.shared.exchange(request, limit: count)
            #expect(answer.body == bytes)
            #expect(answer.header("X-Length") == "\(count)" && answer.header("X-Method") == "POST")
        }
    }

    @Test("a source that ends early ends the upload with an error")
    func shortSource() async throws {
        let server = try ScriptedServer { request, connection in connection.answer() }
        var request = TransferRequest(server.url, access: access())
        (request.method, request.body) = ("PUT", .source(ArraySource([1, 2, 3], claims: 4)))
        let sent = request
        await expect(code: .sourceChanged) { try await CurlEngine.shared.exchange(sent, limit: 9) }
    }

    @Test("who downloads sees the head once, before the first byte, and no interim answer")
    func choice() async throws {
        let server = try ScriptedServer { _, connection in
            connection.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n")
            connection.answer(200, ["X-Late: 1"], [7, 8, 9])
        }
        let sink = ByteCollector()
        let heads = Mutex<[TransferAnswer]>([])
        let request = TransferRequest(server.url, access: access())
        let answer = try await CurlEngine.shared.download(request) { head in
            #expect(sink.bytes.isEmpty)
            heads.withLock { $0.append(head) }
            return sink
        }
        #expect(sink.bytes == [7, 8, 9] && answer.body == [])
        #expect(heads.withLock { $0.map(\.status) } == [200])
        #expect(heads.withLock { $0[0].length } == 3 && answer.header("X-Early") == nil)
    }

    @Test("a body that nobody takes is kept as far as an error document goes")
    func errorDocument() async throws {
        let server = try ScriptedServer { request, connection in
            connection.answer(503, [], Array(repeating: 1, count: request.target == "/long" ? 1 << 20 : 100))
        }
        for (path, kept) in [("/short", 100), ("/long", 64 << 10)] {
            let request = TransferRequest(server.url + path, access: access())
            let answer = try await CurlEngine.shared.download(request) { _ in nil }
            #expect(answer.status == 503 && answer.body.count == kept)
        }
    }

    @Test("an answer beyond the limit is refused, announced or not")
    func limits() async throws {
        let server = try ScriptedServer { request, connection in
            guard request.target == "/chunks" else {
                return connection.answer(200, [], Array(repeating: 1, count: 101))
            }
            connection.write(answerHead(200, ["Transfer-Encoding: chunked"]))
            for _ in 0..<101 { connection.write("1\r\na\r\n") }
            connection.write("0\r\n\r\n")
        }
        for path in ["/length", "/chunks"] {
            let request = TransferRequest(server.url + path, access: access())
            await expect(code: .limitReached) { try await CurlEngine.shared.exchange(request, limit: 100) }
            let answer = try await CurlEngine.shared.exchange(request, limit: 101)
            #expect(answer.body.count == 101)
        }
    }

    @Test("what a sink throws ends the transfer and reaches the one who waits")
    func brokenSink() async throws {
        let server = try ScriptedServer { _, connection in
            connection.answer(200, [], Array(repeating: 1, count: 1 << 20))
        }
        let request = TransferRequest(server.url, access: access())
        await expect(code: .storeFull) {
            try await CurlEngine.shared.download(request) { _ in throw GranaryError.planned(.storeFull) }
        }
        await expect(code: .checksumMismatch) {
            try await CurlEngine.shared.download(request) { _ in BrokenSink() }
        }
    }

    @Test("user and password go along as basic authorization")
    func basic() async throws {
        let server = try ScriptedServer { request, connection in
            connection.answer(200, ["X-Seen: \(request.header("Authorization") ?? "")"])
        }
        var access = access()
        (access.user, access.password) = ("Aladdin", Secret("open sesame"))
        let answer = try await CurlEngine.shared.exchange(TransferRequest(server.url, access: access), limit: 0)
        #expect(answer.header("X-Seen") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    }

    @Test("the body of an answer is never decoded, so that what is archived is what was sent")
    func encoding() async throws {
        let server = try ScriptedServer { _, connection in connection.answer(200, ["Content-Encoding: gzip"], [1, 2]) }
        let answer = try await CurlEngine.shared.exchange(TransferRequest(server.url, access: access()), limit: 9)
        #expect(answer.body == [1, 2])
    }

    @Test(
        "what cannot be sent as it is, is not sent",
        arguments: [
            "http://a b/", "http://host/\r\nX: y", "gopher://host/", "file:///etc/passwd", "http://user:word@host/",
            "http://", "", "http://h/\u{E9}", "dict://host/",
        ])
    func badURL(url: String) async throws {
        let request = TransferRequest(url, access: access())
        await expect(code: .invalid) { try await CurlEngine.shared.exchange(request, limit: 0) }
    }

    @Test("no header can carry another one")
    func badHeader() async throws {
        for (name, value) in [
            ("X", "a\r\nY: b"), ("X", "a\nb"), ("X: y\r\nZ", "1"), ("", "1"), ("X", "a\0b"), ("X y", ""),
        ] {
            var request = TransferRequest("http://127.0.0.1:9/", access: access())
            request.headers = [TransferHeader(name, value)]
            let sent = request
            await expect(code: .invalid) { try await CurlEngine.shared.exchange(sent, limit: 0) }
        }
    }
}

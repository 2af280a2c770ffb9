// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryTransfer

/// Connections that end where they should not. None of it may pass for a whole answer.
@Suite struct CurlCutTests {
    private let body = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 3) }

    @Test(
        "an answer cut at any byte, by an end or a reset, is an error and never a short success",
        arguments: [true, false])
    func lengths(resets: Bool) async throws {
        try await cutEverywhere(answerHead(200, ["ETag: \"1\"", "Content-Length: 300"]) + body, resets: resets)
    }

    @Test("an answer in chunks cut at any byte is an error", arguments: [true, false])
    func chunks(resets: Bool) async throws {
        var whole = answerHead(200, ["Transfer-Encoding: chunked"])
        for start in stride(from: 0, to: 300, by: 60) {
            whole += Array("3c\r\n".utf8) + body[start..<start + 60] + [13, 10]
        }
        // The very last byte is no loss: the last chunk has been seen by then.
        whole += Array("0\r\n\r".utf8)
        try await cutEverywhere(whole, resets: resets)
    }

    /// Sends the first bytes of an answer, ever more of them, until all are sent.
    private func cutEverywhere(_ whole: [UInt8], resets: Bool) async throws {
        let server = try ScriptedServer { request, connection in
            let count = Int(request.target.dropFirst()) ?? 0
            connection.write(whole.prefix(count))
            if resets && count < whole.count { connection.reset() } else { connection.close() }
        }
        let wanted = access()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for count in 0..<whole.count {
                group.addTask {
                    let request = TransferRequest("\(server.url)/\(count)", access: wanted)
                    await expect(code: .connectionLost) { try await CurlEngine.shared.exchange(request, limit: 1000) }
                    let sink = ByteCollector()
                    await expect(code: .connectionLost) {
                        try await CurlEngine.shared.download(request) { _ in sink }
                    }
                    #expect(self.body.starts(with: sink.bytes))
                }
            }
            try await group.waitForAll()
        }
        let answer = try await CurlEngine.shared.exchange(
            TransferRequest("\(server.url)/\(whole.count)", access: wanted), limit: 300)
        #expect(answer.body == body)
    }

    @Test("a body that ends with its connection is refused as a download, and marked in an exchange")
    func endless() async throws {
        let server = try ScriptedServer { _, connection in
            connection.write(answerHead(200, ["Connection: close"]) + [1, 2, 3])
            connection.close()
        }
        let request = TransferRequest(server.url, access: access())
        let sink = ByteCollector()
        await expect(code: .answerUnframed) { try await CurlEngine.shared.download(request) { _ in sink } }
        #expect(sink.bytes.isEmpty)
        let answer = try await CurlEngine.shared.exchange(request, limit: 3)
        #expect(answer.body == [1, 2, 3] && !answer.isFramed)
    }

    @Test("a server that says nothing, or stops in the middle, is given up")
    func stalls() async throws {
        let server = try ScriptedServer { request, connection in
            if request.target == "/half" { connection.write(answerHead(200, ["Content-Length: 10"]) + [1]) }
            connection.waitForEnd()
        }
        for path in ["/silent", "/half"] {
            let request = TransferRequest(server.url + path, access: access { $0.stallLimit = .seconds(1) })
            await expect(code: .transferStalled) { try await CurlEngine.shared.exchange(request, limit: 10) }
        }
        let request = TransferRequest(server.url, access: access { $0.totalLimit = .milliseconds(200) })
        await expect(code: .transferStalled) { try await CurlEngine.shared.exchange(request, limit: 10) }
    }

    @Test("a head without end is given up")
    func longHead() async throws {
        let server = try ScriptedServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\n")
            let line = "X: " + String(repeating: "y", count: 8000) + "\r\n"
            for _ in 0..<1000 { connection.write(line) }
            connection.close()
        }
        let request = TransferRequest(server.url, access: access())
        await expect(code: .limitReached) { try await CurlEngine.shared.exchange(request, limit: 10) }
    }

    @Test(
        "what is no http is no answer",
        arguments: ["", "SSH-2.0-OpenSSH\r\n", "<html>not http</html>", "HTTP/1.1\r\n\r\n"])
    func nonsense(text: String) async throws {
        let server = try ScriptedServer { _, connection in
            connection.write(text)
            connection.close()
        }
        let request = TransferRequest(server.url, access: access())
        await #expect(throws: GranaryError.self) { try await CurlEngine.shared.exchange(request, limit: 100) }
    }

    @Test("nobody there, and no such host, are told apart")
    func unreachable() async throws {
        let port = try { try ScriptedServer { _, _ in }.port }()
        let refused = TransferRequest("http://127.0.0.1:\(port)/", access: access())
        await expect(code: .connectionRefused) { try await CurlEngine.shared.exchange(refused, limit: 0) }
        let unknown = TransferRequest("http://no-such-host.invalid/", access: access())
        await expect(code: .hostUnknown) { try await CurlEngine.shared.exchange(unknown, limit: 0) }
    }

    @Test("a connection that the server closed after use is replaced by another, and the upload sent anew")
    func staleConnection() async throws {
        let server = try ScriptedServer { request, connection in
            connection.answer(200, ["Connection: keep-alive"], request.body)
            connection.close()
        }
        for _ in 0..<20 {
            var request = TransferRequest(server.url, access: access())
            (request.method, request.body) = ("POST", .source(ArraySource(body)))
            let answer = try await CurlEngine.shared.exchange(request, limit: 300)
            #expect(answer.body == body)
        }
    }
}

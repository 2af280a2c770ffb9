// SPDX-License-Identifier: Apache-2.0

import FaultServer
import GranaryCore
import Testing

/// The faults themselves, seen by the simplest client: an oracle that does not break as asked proves nothing.
@Suite("Faults on the wire") struct FaultServerTests {
    private let server: FaultServer
    private let file = PlainClient.get("/files/a/f.nc")

    init() throws {
        server = try FaultServer()
        server.putFiles(Array("0123456789".utf8), paths: ["a/f.nc", "a/g/h.nc"])
        server.createBucket("b")
        server.requireSignatures(false)
    }

    @Test("a file has its bytes, its tag and its ranges")
    func plain() {
        let whole = PlainClient(server, file)
        #expect(whole.status == 200)
        #expect(whole.body == "0123456789")
        #expect(whole.text.contains("etag: \"781e5e245d69b566\""))
        let part = PlainClient(server, PlainClient.get("/files/a/f.nc", "range: bytes=3-5\r\n"))
        #expect(part.status == 206)
        #expect(part.body == "345")
        #expect(part.text.contains("content-range: bytes 3-5/10"))
        #expect(PlainClient(server, PlainClient.get("/files/a/f.nc", "range: bytes=10-\r\n")).status == 416)
        #expect(PlainClient(server, PlainClient.get("/files/none")).status == 404)
    }

    @Test("a folder is listed as nginx does it")
    func folder() {
        let json = PlainClient(server, PlainClient.get("/files/a/")).body
        #expect(json.contains(#""name":"g","type":"directory""#))
        #expect(json.contains(#""name":"f.nc","type":"file","mtime":"Thu, 01 Jan 2026 00:00:00 GMT","size":10"#))
        server.listFilesAsHTML(true)
        let html = PlainClient(server, PlainClient.get("/files/a/")).body
        #expect(html.contains(#"<a href="f.nc">f.nc</a>   01-Jan-2026 00:00  10"#))
    }

    @Test("a cut leaves exactly so many bytes, at every place of the answer")
    func cut() {
        let whole = PlainClient(server, file).bytes
        for place in 0...whole.count {
            server.faults.planNext(.cut(after: place), on: .getFile)
            let got = PlainClient(server, file)
            #expect(got.bytes.count == place)
            #expect(!got.wasReset)
        }
        server.faults.planNext(.cutBody(after: 4), on: .getFile)
        #expect(PlainClient(server, file).body == "0123")
    }

    @Test("a reset is a reset, a refusal a refusal")
    func reset() throws {
        server.faults.planNext(.cut(after: 0, reset: true), on: .getFile)
        #expect(PlainClient(server, file).wasReset)
        server.faults.planNext(.refuse, on: .getFile)
        #expect(PlainClient(server, file).wasReset)
        server.close()
        #expect(PlainClient(server, file).wasRefused)
        try server.reopen()
        #expect(PlainClient(server, file).status == 200)
    }

    @Test("what is told of the length may be a lie or nothing")
    func length() {
        server.faults.planNext(.closeDelimited, on: .getFile)
        #expect(!PlainClient(server, file).text.contains("content-length"))
        server.faults.planNext(.wrongLength(by: 5), on: .getFile)
        #expect(PlainClient(server, file).text.contains("content-length: 15\r\n"))
    }

    @Test("errors, redirects, wrong tags, wrong bytes and ignored ranges come as asked")
    func answers() {
        let range = PlainClient.get("/files/a/f.nc", "range: bytes=3-5\r\n")
        server.faults.planNext(.status(503, retryAfter: 7), on: .getFile)
        let busy = PlainClient(server, file)
        #expect(busy.status == 503)
        #expect(busy.text.contains("retry-after: 7\r\n"))
        server.faults.planNext(.redirect(to: "http://127.0.0.2/x"), on: .getFile)
        #expect(PlainClient(server, file).text.contains("location: http://127.0.0.2/x\r\n"))
        server.faults.planNext(.wrongETag("other"), .corrupt(at: 1), on: .getFile)
        let wrong = PlainClient(server, file)
        #expect(wrong.text.contains("etag: \"other\""))
        #expect(wrong.body != "0123456789" && wrong.body.utf8.count == 10)
        server.faults.planNext(.ignoreRange, on: .getFile)
        #expect(PlainClient(server, range).status == 200)
        #expect(PlainClient(server, range).status == 206)
    }

    @Test("a dropped reply has had its effect, a refused request has not, and the journal tells which")
    func dropped() {
        let put = { (body: String) in
            "PUT /b/k HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        server.faults.planNext(.refuse, on: .putObject)
        #expect(PlainClient(server, put("one")).wasReset)
        #expect(server.journal.effects.isEmpty)
        server.faults.planNext(.dropReply, on: .putObject)
        #expect(PlainClient(server, put("two")).bytes.isEmpty)
        #expect(server.object("k", bucket: "b")?.bytes == Array("two".utf8))
        server.faults.planNext(.status(500), on: .putObject)
        #expect(PlainClient(server, put("three")).status == 500)
        server.faults.planNext(.errorInside200(), on: .putObject)
        let inside = PlainClient(server, put("three"))
        #expect(inside.status == 200 && inside.body.contains("<Code>InternalError</Code>"))
        server.faults.planNext(.statusAfterEffect(500), on: .putObject)
        #expect(PlainClient(server, put("four")).status == 500)
        #expect(
            server.journal.effects.map(\.digest)
                == ["two", "four"].map { Checksum(.sha256, of: Array($0.utf8)).hex })
        #expect(server.journal.effects.map(\.kind) == [.created, .replaced])
    }

    @Test("chunked bodies and those announced with Expect are read")
    func bodies() {
        let chunked =
            "PUT /b/c HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
        #expect(PlainClient(server, chunked).status == 200)
        #expect(server.object("c", bucket: "b")?.bytes == Array("abcde".utf8))
        let expecting =
            "PUT /b/e HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\nok"
        #expect(PlainClient(server, expecting).text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"))
    }

    @Test("a listing page may come in another order, again, or with the token that was asked with")
    func listings() {
        server.put([], bucket: "b", keys: ["1", "2", "3", "4"])
        let list = { (token: String) in
            PlainClient(server, PlainClient.get("/b?list-type=2&max-keys=2\(token)")).body
        }
        let first = list("")
        #expect(first.contains("<Key>1</Key>") && first.contains("<NextContinuationToken>Mg==<"))
        server.faults.planNext(.repeatPage, .repeatToken, on: .listObjects)
        let again = list("&continuation-token=Mg%3D%3D")
        #expect(again.contains("<Key>1</Key>") && again.contains("<NextContinuationToken>Mg==<"))
        server.faults.planNext(.reorderPage, on: .listObjects)
        let keys = list("&continuation-token=Mg%3D%3D").split(separator: "<Key>").dropFirst().map { $0.prefix(1) }
        #expect(keys == ["4", "3"])
    }

    @Test("rules see what is called, and how often for whom")
    func rules() {
        server.faults.always { call in
            call.operation == .getFile && call.subject == "a/f.nc" && call.visit == 2 ? [.status(500)] : []
        }
        #expect(PlainClient(server, file).status == 200)
        #expect(PlainClient(server, PlainClient.get("/files/a/g/h.nc")).status == 200)
        #expect(PlainClient(server, file).status == 500)
        #expect(PlainClient(server, file).status == 200)
        #expect(server.faults.calls(.getFile) == 4)
        #expect(server.connections == 4)
    }
}

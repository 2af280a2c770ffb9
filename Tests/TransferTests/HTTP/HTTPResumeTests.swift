// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@testable import GranaryTransfer

/// Files from servers that cut, forget ranges and change their mind.
@Suite struct HTTPResumeTests {
    private let body = (0..<2000).map { UInt8(truncatingIfNeeded: $0 &* 11) }

    @Test("a file that is cut at any byte, again and again, comes whole", arguments: [true, false])
    func cuts(knowsRanges: Bool) async throws {
        let body = body
        let tries = Mutex<[String: Int]>([:])
        let server = try ScriptedServer { request, connection in
            guard request.method == "GET" else { return connection.headed(length: body.count) }
            let first = tries.withLock { tries in
                tries[request.target, default: 0] += 1
                return tries[request.target] == 1
            }
            let cut = Int(request.target.split(separator: "/").last ?? "") ?? 0
            let start = knowsRanges ? request.rangeStart : 0
            connection.sendRange(
                of: body, from: start, isPartial: knowsRanges && request.rangeStart > 0, cut: first ? cut : nil)
        }
        let store = RetryingStore(try HTTPStore(server.url, access: access()), clock: NoWait())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for cut in 0..<body.count {
                group.addTask {
                    let sink = ByteCollector()
                    try await store.send(BytePath("\(cut)"), generation: "2000@\"v1\"", to: sink)
                    #expect(sink.bytes == body, "cut at \(cut)")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("ranges that are not those asked for, and other generations, are refused")
    func wrongRanges() async throws {
        let body = body
        let server = try ScriptedServer { request, connection in
            guard request.method == "GET" else { return connection.headed(length: body.count) }
            switch request.target {
            case "/shifted": connection.answer(206, ["Content-Range: bytes 9-1999/2000", "ETag: \"v1\""], body[9...])
            case "/part": connection.answer(206, ["Content-Range: bytes 10-19/2000", "ETag: \"v1\""], body[10..<20])
            case "/other": connection.answer(206, ["Content-Range: bytes 10-1999/2000", "ETag: \"v2\""], body[10...])
            case "/weak": connection.answer(206, ["Content-Range: bytes 10-1999/2000", "ETag: W/\"v1\""], body[10...])
            case "/longer": connection.answer(200, ["ETag: \"v1\""], body + [1])
            case "/failed": connection.answer(412)
            default: connection.answer(416)
            }
        }
        let store = try HTTPStore(server.url, access: access())
        for path: BytePath in ["shifted", "part", "other", "weak", "longer", "failed", "beyond"] {
            let sink = ByteCollector()
            await #expect(throws: GranaryError.self, "\(path)") {
                try await store.send(path, generation: "2000@\"v1\"", from: 10, to: sink)
            }
            #expect(sink.bytes.isEmpty, "\(path)")
        }
    }

    @Test("a file that is another one when its last byte has come was never sent")
    func changedAtTheEnd() async throws {
        let body = body
        let heads = Atomic(0)
        let server = try ScriptedServer { request, connection in
            guard request.method == "HEAD" else {
                return connection.sendRange(of: body, from: 0, isPartial: false, cut: nil)
            }
            heads.add(1, ordering: .relaxed)
            connection.headed(length: body.count, tag: "v2")
        }
        let store = try HTTPStore(server.url, access: access())
        await expect(code: .sourceChanged) {
            try await store.send("file", generation: "2000@\"v1\"", to: ByteCollector())
        }
        #expect(heads.load(ordering: .relaxed) == 1)
    }

    @Test("the generation that is wanted is named to the server")
    func conditions() async throws {
        let body = body
        let journal = Journal()
        let server = try ScriptedServer { request, connection in
            guard request.method == "GET" else { return connection.headed(length: body.count) }
            journal.lines.withLock { $0 += request.lines.filter { $0.hasPrefix("If-") || $0.hasPrefix("Range") } }
            connection.answer(412)
        }
        let store = try HTTPStore(server.url, access: access())
        for generation in ["2000@\"v1\"", "2000@784111777"] {
            await expect(code: .sourceChanged) {
                try await store.send("file", generation: generation, from: 7, to: ByteCollector())
            }
        }
        #expect(
            journal.withLock { $0 } == [
                "Range: bytes=7-", "If-Match: \"v1\"", "Range: bytes=7-",
                "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
            ])
    }

    @Test("dates are written as http has them", arguments: [0, 951_782_400, 1_767_225_599, -1, 784_111_777])
    func dates(seconds: Int64) {
        let text = httpDateText(seconds)
        if seconds >= 0 { #expect(httpDate(text) == Timestamp(seconds: seconds), "\(text)") }
        #expect(
            text
                == [
                    0: "Thu, 01 Jan 1970 00:00:00 GMT", 951_782_400: "Tue, 29 Feb 2000 00:00:00 GMT",
                    1_767_225_599: "Wed, 31 Dec 2025 23:59:59 GMT", -1: "Wed, 31 Dec 1969 23:59:59 GMT",
                    784_111_777: "Sun, 06 Nov 1994 08:49:37 GMT",
                ][seconds])
    }
}

extension ScriptedRequest {
    var rangeStart: Int {
        header("Range").flatMap { Int($0.dropFirst("bytes=".count).dropLast()) } ?? 0
    }
}

extension ScriptedConnection {
    func headed(length: Int, tag: String = "v1") {
        write(answerHead(200, ["Content-Length: \(length)", "ETag: \"\(tag)\""]))
    }

    /// - Parameter cut: bytes of the body after which the connection ends, if it does.
    func sendRange(of body: [UInt8], from start: Int, isPartial: Bool, cut: Int?) {
        let range = isPartial ? ["Content-Range: bytes \(start)-\(body.count - 1)/\(body.count)"] : []
        let headers = ["ETag: \"v1\"", "Content-Length: \(body.count - start)"] + range
        write(answerHead(isPartial ? 206 : 200, headers) + body[start...].prefix(cut ?? .max))
        if cut != nil { close() }
    }
}

/// A clock on which every wait is over at once.
struct NoWait: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration = .zero
        func advanced(by duration: Duration) -> Self { Self(offset: offset + duration) }
        func duration(to other: Self) -> Duration { other.offset - offset }
        static func < (left: Self, right: Self) -> Bool { left.offset < right.offset }
    }

    var now: Instant { Instant() }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws { try Task.checkCancellation() }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@testable import GranaryTransfer

/// How much at once, how fast, and how to stop.
@Suite struct CurlLimitTests {
    @Test("a thousand requests share a few connections")
    func manyRequests() async throws {
        let server = try ScriptedServer { request, connection in connection.answer(200, [], request.target.utf8) }
        let wanted = access { $0.connections = 4 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    let request = TransferRequest("\(server.url)/\(number)", access: wanted)
                    let answer = try await CurlEngine.shared.exchange(request, limit: 100)
                    #expect(String(decoding: answer.body, as: UTF8.self) == "/\(number)")
                }
            }
            try await group.waitForAll()
        }
        #expect(server.requests == 1000)
        #expect(server.connections <= 4 && server.mostAtOnce <= 4, "\(server.connections), \(server.mostAtOnce)")
    }

    @Test("a transfer whose task is cancelled ends, and its connection with it")
    func cancellation() async throws {
        let ended = AsyncStream.makeStream(of: Void.self)
        let begun = AsyncStream.makeStream(of: Void.self)
        let server = try ScriptedServer { _, connection in
            connection.write(answerHead(200, ["Content-Length: 100"]) + [1])
            begun.continuation.yield()
            connection.waitForEnd()
            ended.continuation.yield()
        }
        let request = TransferRequest(server.url, access: access())
        let task = Task { try await CurlEngine.shared.exchange(request, limit: 100) }
        for await _ in begun.stream { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        for await _ in ended.stream { break }
    }

    @Test("cancelling those that wait in line, and those not yet there, ends them all and harms no other")
    func cancellationInLine() async throws {
        let server = try ScriptedServer { request, connection in
            if request.target == "/block" { connection.waitForEnd() } else { connection.answer() }
        }
        let wanted = access { $0.connections = 1 }
        let blocking = Task {
            try await CurlEngine.shared.exchange(TransferRequest("\(server.url)/block", access: wanted), limit: 0)
        }
        let waiting = (0..<100).map { number in
            Task {
                try await CurlEngine.shared.exchange(
                    TransferRequest("\(server.url)/\(number)", access: wanted), limit: 0)
            }
        }
        for task in waiting.dropLast() { task.cancel() }
        for task in waiting.dropLast() { await #expect(throws: CancellationError.self) { try await task.value } }
        blocking.cancel()
        await #expect(throws: CancellationError.self) { try await blocking.value }
        #expect(try await waiting[99].value.status == 200)
    }

    @Test("a transfer with a limit on its speed is whole; an engine of its own ends with it")
    func slow() async throws {
        let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        let server = try ScriptedServer { request, connection in
            connection.answer(200, [], request.body.isEmpty ? body : request.body)
        }
        let engine = CurlEngine(threads: 1)
        let wanted = access { $0.bytesPerSecond = 200_000 }
        let down = try await engine.exchange(TransferRequest(server.url, access: wanted), limit: 300_000)
        var request = TransferRequest(server.url, access: wanted)
        (request.method, request.body) = ("POST", .bytes(Array(body.prefix(100_000))))
        let up = try await engine.exchange(request, limit: 300_000)
        #expect(down.body == body && up.body == Array(body.prefix(100_000)))
    }

    @Test("a rate gives a second's worth at once, and then no more than it says")
    func rate() {
        let start = ContinuousClock.now
        var bucket = TokenBucket(rate: 10, now: start)
        var times: [Duration] = []
        var now = start
        while times.count < 31 {
            if bucket.take(1, now: now) { times.append(start.duration(to: now)) } else { now += bucket.wait(now: now) }
        }
        #expect(times[9] == .zero)
        for (index, time) in times.enumerated() {
            #expect(time.seconds >= Double(index - 10) / 10 - 1e-6, "request \(index) after \(time)")
            #expect(time.seconds <= Double(max(0, index - 9)) / 10 + 0.05, "request \(index) after \(time)")
        }
    }

    @Test("a large piece overdraws the bucket and is paid for afterwards")
    func largePiece() {
        let start = ContinuousClock.now
        var bucket = TokenBucket(rate: 1000, now: start)
        let first = bucket.take(5000, now: start)
        let early = bucket.take(1, now: start + .milliseconds(3900))
        let wait = bucket.wait(now: start + .milliseconds(3900)).seconds
        let later = bucket.take(1, now: start + .milliseconds(4002))
        #expect(first && !early && later)
        #expect(wait > 0.1 && wait < 0.11)
    }

    @Test("what a server asks for by Retry-After is taken over, within an hour")
    func retryAfter() {
        let cases: [(String, Duration?)] = [
            ("7", .seconds(7)), ("0", .zero), ("-1", nil), ("99999999", .seconds(3600)), ("soon", nil),
            ("Wed, 21 Oct 2026 07:28:30 GMT", .seconds(30)), ("Wed, 21 Oct 2026 07:27:00 GMT", .zero),
        ]
        for (text, wait) in cases {
            var answer = TransferAnswer()
            answer.status = 503
            answer.headers = [
                TransferHeader("retry-after", text), TransferHeader("Date", "Wed, 21 Oct 2026 07:28:00 GMT"),
            ]
            #expect(answer.retryAfter == wait, "\(text)")
            #expect(httpFault(answer, doing: "list", subject: "x").disposition == .retry(after: wait))
        }
    }

    @Test(
        "what a status means for the one who asked",
        arguments: [
            (401, GranaryError.Code.loginRefused), (403, .denied), (404, .notFound), (410, .notFound),
            (412, .sourceChanged),
            (416, .sourceChanged), (429, .serverFailed), (500, .serverFailed), (503, .serverFailed), (507, .storeFull),
            (501, .requestRefused), (400, .requestRefused), (301, .redirectRefused), (408, .serverFailed),
        ])
    func statuses(status: Int, code: GranaryError.Code) {
        var answer = TransferAnswer()
        answer.status = status
        let fault = httpFault(answer, doing: "fetch", subject: "http://host/file")
        #expect(fault.code == code && fault.message.contains("http://host/file") && fault.message.contains("\(status)"))
    }
}

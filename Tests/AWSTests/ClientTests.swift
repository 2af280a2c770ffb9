// SPDX-License-Identifier: Apache-2.0

import FaultServer
import GranaryAWS
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Synchronization
import Testing

@Suite("AWSClient") struct ClientTests {
    @Test("a clock that is wrong is corrected once by the service's own, for all requests that follow")
    func skew() async throws {
        let server = try FaultServer()
        server.skewClock(by: .seconds(3600))
        let queue = queue(server)
        for result in await queue.publish([message("a")]) { _ = try result.get() }
        #expect(server.faults.calls(.sendMessageBatch) == 2)
        for result in await queue.publish([message("b")]) { _ = try result.get() }
        #expect(server.faults.calls(.sendMessageBatch) == 3)
    }

    @Test("a request that has to wait in line is signed when its turn comes")
    func line() async throws {
        let (clock, dates) = (ManualClock(), Lines<String>())
        let server = try TinyServer { asked in
            dates.add([asked.headers["x-amz-date"] ?? ""])
            clock.advance(by: .seconds(1200))
            return (200, ["Content-Type": "application/json"], "{}")
        }
        var endpoint = AWSEndpoint(region: "eu-north-1", url: server.url)
        endpoint.access.connections = 1
        let keys = FixedCredentials(AWSCredentials(accessKey: "KEY", secretKey: Secret("hush")))
        let client = AWSClient(endpoint, service: "sqs", credentials: keys, clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { _ = try await client.exchange(AWSRequest("POST"), doing: .init("ask", "q")) }
            }
            try await group.waitForAll()
        }
        let signed = dates.take()
        #expect(signed.count == 8 && Set(signed).count == 8, "signed at \(signed)")
    }

    @Test("what passes by itself is tried again, and after the last try the error says how it may be mended")
    func retries() async throws {
        let server = try FaultServer()
        let queue = queue(server)
        server.faults.planNext(.status(503, code: "ServiceUnavailable"), on: .sendMessageBatch)
        server.faults.plan(.refuse, on: .sendMessageBatch, call: 2)
        server.faults.plan(.cut(after: 20), on: .sendMessageBatch, call: 3)
        _ = try await queue.publish(message("a"))
        #expect(server.faults.calls(.sendMessageBatch) == 4)
        server.faults.always { _ in [.status(500)] }
        let error = try await #require(throws: GranaryError.self) { try await queue.publish(message("b")) }
        #expect(error.code == "server.failed" && error.disposition == .retry(after: nil) && !error.remedy.isEmpty)
    }

    @Test("a pause that the service names is kept: too long a one is left to the caller")
    func retryAfter() async throws {
        let server = try FaultServer()
        let queue = queue(server)
        server.faults.planNext(.status(503, code: "SlowDown", retryAfter: 3600), on: .sendMessageBatch)
        let error = try await #require(throws: GranaryError.self) { try await queue.publish(message("a")) }
        #expect(error.code == .serviceBusy && error.disposition == .retry(after: .seconds(3600)))
        #expect(server.faults.calls(.sendMessageBatch) == 1)
    }

    @Test("a request that may not be repeated is not sent again after a lost reply, and is when the service was busy")
    func unrepeatable() async throws {
        let server = try FaultServer()
        let client = client(server)
        let input: JSONValue = ["QueueUrl": .string(server.createQueue("q")), "MessageBody": "a"]
        server.faults.planNext(.dropReply, on: .sendMessage)
        await #expect(throws: GranaryError.self) {
            try await client.call("SendMessage", of: .sqs, input, doing: .init("send to", "q"), isRepeatable: false)
        }
        #expect(server.messages(in: "q").count == 1)
        server.faults.planNext(.status(400, code: "ThrottlingException"), on: .sendMessage)
        _ = try await client.call("SendMessage", of: .sqs, input, doing: .init("send to", "q"), isRepeatable: false)
        #expect(server.messages(in: "q").count == 2)
    }

    @Test("credentials that the service calls expired are renewed once")
    func expired() async throws {
        let server = try FaultServer()
        server.faults.planNext(.status(400, code: "ExpiredTokenException"), on: .sendMessageBatch)
        let source = CountingCredentials(keys(server))
        let queue = SQSQueue(client: client(server, source), url: server.createQueue("q"))
        _ = try await queue.publish(message("a"))
        #expect(source.renounced.withLock { $0 } == 1)
        server.faults.always { _ in [.status(400, code: "ExpiredTokenException")] }
        let error = try await #require(throws: GranaryError.self) { try await queue.publish(message("b")) }
        #expect(error.code == .credentialsExpired)
    }

    @Test("a cancelled request ends at once, without another try")
    func cancellation() async throws {
        let server = try FaultServer()
        server.faults.always { _ in [.status(503)] }
        let patient = AWSClient(
            AWSEndpoint(region: server.region, url: server.url), service: "sqs",
            credentials: FixedCredentials(keys(server)),
            retry: RetryPolicy(attempts: 10, first: .seconds(3600), longest: .seconds(3600)))
        let queue = SQSQueue(client: patient, url: server.createQueue("q"))
        let receiving = Task { try await queue.receive(limit: 1) }
        while server.faults.calls(.receiveMessage) == 0 { await Task.yield() }
        receiving.cancel()
        await #expect(throws: CancellationError.self) { try await receiving.value }
    }

    private func message(_ name: String) -> OutgoingMessage { OutgoingMessage(identifier: name, body: [0x7B, 0x7D]) }

    private func keys(_ server: FaultServer) -> AWSCredentials {
        AWSCredentials(accessKey: server.keys.accessKey, secretKey: Secret(server.keys.secretKey))
    }

    private func client(_ server: FaultServer, _ source: (any AWSCredentialSource)? = nil) -> AWSClient {
        AWSClient(
            AWSEndpoint(region: server.region, url: server.url), service: "sqs",
            credentials: source ?? FixedCredentials(keys(server)),
            retry: RetryPolicy(attempts: 4, first: .milliseconds(1), longest: .milliseconds(8)))
    }

    private func queue(_ server: FaultServer) -> SQSQueue {
        SQSQueue(client: client(server), url: server.createQueue("q"))
    }
}

/// Fixed credentials that count how often they were given back.
private final class CountingCredentials: AWSCredentialSource {
    private let value: AWSCredentials
    let renounced = Mutex(0)

    init(_ value: AWSCredentials) { self.value = value }

    func credentials() async throws -> AWSCredentials { value }
    func renounce(_ credentials: AWSCredentials) async { renounced.withLock { $0 += 1 } }
}

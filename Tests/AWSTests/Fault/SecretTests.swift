// SPDX-License-Identifier: Apache-2.0

import FaultServer
import GranaryAWS
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

/// Whatever goes wrong, nothing of it shows a secret: canaries are planted, and every error is searched for them.
@Suite("Secrets in errors") struct SecretTests {
    private static let canaries = ["CANARY-secret-key", "CANARY-session-token", "CANARY-wrong-key"]
    private let site: FaultSite
    private let server: FaultServer

    init() throws {
        site = try FaultSite(
            keys: AccessKeys(
                accessKey: "AKIAEXAMPLE", secretKey: Self.canaries[0], sessionToken: Self.canaries[1]))
        server = site.server
        server.put([1], bucket: "bucket", keys: ["a"])
    }

    @Test("a service that repeats our request in its error makes us say no secret")
    func wrongKey() async throws {
        for service in ["s3", "sqs", "sns", "kinesis"] {
            search(await errors(of: site.client(service, secret: Self.canaries[2])))
        }
    }

    private static let mishaps: [Fault] = [
        .dropReply, .refuse, .cut(after: 30), .status(500), .status(400, code: "ExpiredToken"),
        .status(403, code: "RequestTimeTooSkewed"), .redirect(to: "http://127.0.0.1:1/x"), .wrongLength(by: 9),
        .errorInside200(), .corrupt(at: 3),
    ]

    @Test("no fault of the wire or the service shows a secret", arguments: mishaps.indices)
    func faults(_ number: Int) async throws {
        let fault = Self.mishaps[number]
        server.faults.always { _ in [fault] }
        let hasty = RetryPolicy(attempts: 2, first: .milliseconds(1), longest: .milliseconds(2))
        for service in ["s3", "sqs", "sns", "kinesis"] { search(await errors(of: site.client(service, retry: hasty))) }
    }

    @Test("clients, credentials and stores that are printed or dumped show no secret")
    func dumped() async throws {
        let client = site.client("s3")
        var text = ""
        dump(client, to: &text)
        dump(S3Store(client, bucket: "bucket"), to: &text)
        dump(
            AWSCredentials(accessKey: "A", secretKey: Secret(Self.canaries[0]), sessionToken: Secret(Self.canaries[1])),
            to: &text)
        var access = ServerAccess()
        access.password = Secret(Self.canaries[2])
        dump(access, to: &text)
        text += "\(client) \(access) \(String(reflecting: access))"
        expectNone(in: text)
    }

    /// Everything that a client of a service can be made to throw.
    private func errors(of client: AWSClient) async -> [any Error] {
        let message = OutgoingMessage(identifier: "1", body: Array("m".utf8))
        var errors: [any Error] = []
        func note(_ body: () async throws -> Void) async { do { try await body() } catch { errors.append(error) } }
        switch client.service {
        case "s3":
            let store = S3Store(client, bucket: "bucket")
            await note { for try await _ in store.entries() {} }
            await note { _ = try await store.entry(at: "a") }
            await note { _ = try await store.read("a", limit: 10) }
            await note { _ = try await store.remove("a", generation: "a/1/1") }
            await note { try await store.prove() }
            await note { _ = try await store.sweep() }
        case "sqs":
            let queue = SQSQueue(client: client, url: server.createQueue("queue"), wait: .zero)
            await note { _ = try await queue.publish(message) }
            await note { _ = try await queue.receive(limit: 1) }
            await note { try await queue.delete(ReceivedMessage(key: "k", body: [], sentAt: nil, receipt: "r")) }
        case "sns":
            let topic = SNSTopic(client: client, arn: server.createTopic("topic"))
            await note { _ = try await topic.publish(message) }
        case "kinesis":
            server.createStream("stream")
            let stream = KinesisStream(client: client, name: "stream")
            await note { _ = try await stream.publish(message) }
            await note { _ = try await stream.receive(limit: 1) }
        default: break
        }
        return errors
    }

    private func search(_ errors: [any Error]) {
        for error in errors {
            var text = "\(error) \(String(reflecting: error)) "
            dump(error, to: &text)
            if let cause = (error as? GranaryError)?.cause { dump(cause, to: &text) }
            expectNone(in: text)
        }
    }

    private func expectNone(in text: String) {
        for canary in Self.canaries { #expect(!text.contains(canary), "\(text.prefix(2000))") }
        #expect(!text.contains("CANARY"))
    }
}

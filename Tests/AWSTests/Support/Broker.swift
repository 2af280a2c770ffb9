// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTesting
import GranaryTransfer

/// A server that speaks AWS's protocols for messages, with what tests make there.
struct Broker: Sendable {
    let endpoint: AWSEndpoint
    let credentials: AWSCredentials
    let account: String
    private let names = SystemRandomness()

    /// MiniStack, which verifies signatures.
    static func ministack() async throws -> Broker { Broker(try await TestServer.start("ministack")) }

    /// moto, which verifies none and is of other hands.
    static func moto() async throws -> Broker { Broker(try await TestServer.start("moto")) }

    enum Kind: String, Sendable, CaseIterable, CustomStringConvertible {
        case ministack, moto

        var description: String { rawValue }

        func start() async throws -> Broker {
            switch self {
            case .ministack: try await Broker.ministack()
            case .moto: try await Broker.moto()
            }
        }
    }

    init(_ server: TestServer) {
        endpoint = AWSEndpoint(region: server["REGION"], url: server["URL"])
        credentials = AWSCredentials(accessKey: server["KEY"], secretKey: Secret(server["SECRET"]))
        account = server["ACCOUNT"]
    }

    /// A server that speaks S3 alone.
    init(_ service: S3Service) {
        (endpoint, credentials, account) = (service.endpoint, service.credentials, "")
    }

    /// - Parameter credentials: nil for those that may do everything.
    func client(_ service: String, credentials: AWSCredentials? = nil) -> AWSClient {
        AWSClient(
            endpoint, service: service, credentials: FixedCredentials(credentials ?? self.credentials),
            retry: RetryPolicy(attempts: 4, first: .milliseconds(5), longest: .milliseconds(50)))
    }

    func name(_ prefix: String) -> String { "\(prefix)-\(names.identifier().prefix(8))" }

    /// A new queue.
    func queue(
        fifo: Bool = false, attributes: [String: String] = [:], wait: Duration = .zero, hold: Duration = .seconds(60)
    ) async throws -> SQSQueue {
        let name = name("queue") + (fifo ? ".fifo" : "")
        var all = attributes
        if fifo { all["FifoQueue"] = "true" }
        let members = JSONObject(all.map { ($0.key, JSONValue.string($0.value)) })
        let client = client("sqs")
        _ = try await client.call(
            "CreateQueue", of: .sqs, ["QueueName": .string(name), "Attributes": .object(members)],
            doing: .init("make", name))
        return try await SQSQueue.named(name, client: client, wait: wait, hold: hold)
    }

    /// A new topic, and a new queue that gets what is published there.
    func topic(fifo: Bool = false, raw: Bool) async throws -> (SNSTopic, SQSQueue) {
        let name = name("topic") + (fifo ? ".fifo" : "")
        let client = client("sns")
        let kind = [QueryItem("Attributes.entry.1.key", "FifoTopic"), QueryItem("Attributes.entry.1.value", "true")]
        let answer = try await client.query(
            "CreateTopic", version: "2010-03-31", [QueryItem("Name", name)] + (fifo ? kind : []),
            doing: .init("make", name))
        let arn = text("TopicArn", in: answer)
        let queue = try await queue(fifo: fifo)
        let queueArn = try await queue.state().arn
        try await allow("sns.amazonaws.com", source: arn, queue, queueArn)
        _ = try await client.query(
            "Subscribe", version: "2010-03-31",
            [
                QueryItem("TopicArn", arn), QueryItem("Protocol", "sqs"), QueryItem("Endpoint", queueArn),
                QueryItem("Attributes.entry.1.key", "RawMessageDelivery"),
                QueryItem("Attributes.entry.1.value", String(raw)),
            ], doing: .init("subscribe to", name))
        return (SNSTopic(client: client, arn: arn), queue)
    }

    /// Lets a service send to a queue on behalf of a topic or bucket.
    func allow(_ service: String, source: String, _ queue: SQSQueue, _ arn: String) async throws {
        let policy: JSONValue = [
            "Version": "2012-10-17",
            "Statement": [
                [
                    "Effect": "Allow", "Principal": ["Service": .string(service)], "Action": "sqs:SendMessage",
                    "Resource": .string(arn), "Condition": ["ArnEquals": ["aws:SourceArn": .string(source)]],
                ]
            ],
        ]
        try await set(["Policy": policy.text], on: queue)
    }

    func set(_ attributes: [String: String], on queue: SQSQueue) async throws {
        let members = JSONObject(attributes.map { ($0.key, JSONValue.string($0.value)) })
        _ = try await client("sqs").call(
            "SetQueueAttributes", of: .sqs, ["QueueUrl": .string(queue.url), "Attributes": .object(members)],
            doing: .init("change", queue.name))
    }

    /// What a queue offers within a while.
    func queueWaiting(_ queue: SQSQueue, for time: Duration) async throws -> [ReceivedMessage] {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end {
            let messages = try await queue.receive(limit: 1)
            if !messages.isEmpty { return messages }
        }
        return []
    }

    private func text(_ element: String, in document: [UInt8]) -> String {
        let text = String(decoding: document, as: UTF8.self)
        let start = text.firstRange(of: "<\(element)>")?.upperBound ?? text.endIndex
        return String(text[start...].prefix { $0 != "<" })
    }
}

/// A receiver that remembers what it gave out, so that a test can let holds run out without waiting.
final class RecordingReceiver: MessageReceiver {
    private let queue: SQSQueue
    private let unwrap: @Sendable ([UInt8]) -> [UInt8]
    private let given = Lines<ReceivedMessage>()

    init(_ queue: SQSQueue, unwrap: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 }) {
        self.queue = queue
        self.unwrap = unwrap
    }

    func receive(limit: Int) async throws -> [ReceivedMessage] {
        let messages = try await queue.receive(limit: limit)
        given.add(messages)
        return messages.map { message in
            var message = message
            message.body = unwrap(message.body)
            return message
        }
    }

    func delete(_ messages: [ReceivedMessage]) async -> [Result<Void, any Error>] { await queue.delete(messages) }

    /// Those that were deleted meanwhile can't be given back, and need not be.
    func expireHolds() async { _ = await queue.changeVisibility(of: given.take(), to: .zero) }
}

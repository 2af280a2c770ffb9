// SPDX-License-Identifier: Apache-2.0

package import GranaryAWS
package import GranaryCore
package import GranaryTesting
internal import GranaryTransfer

/// A server that speaks AWS's protocols for messages, with what tests make there.
package struct Broker: Sendable {
    package let endpoint: AWSEndpoint
    package let credentials: AWSCredentials
    package let account: String
    private let names = SystemRandomness()

    /// MiniStack, which verifies signatures.
    package static func ministack() async throws -> Broker { Broker(try await TestServer.start("ministack")) }

    /// moto, which verifies none and is of other hands.
    package static func moto() async throws -> Broker { Broker(try await TestServer.start("moto")) }

    package enum Kind: String, Sendable, CaseIterable, CustomStringConvertible {
        case ministack, moto

        package var description: String { rawValue }

        package func start() async throws -> Broker {
            switch self {
            case .ministack: try await Broker.ministack()
            case .moto: try await Broker.moto()
            }
        }
    }

    package init(_ server: TestServer) {
        endpoint = AWSEndpoint(region: server["REGION"], url: server["URL"])
        credentials = AWSCredentials(accessKey: server["KEY"], secretKey: Secret(server["SECRET"]))
        account = server["ACCOUNT"]
    }

    package init(endpoint: AWSEndpoint, credentials: AWSCredentials, account: String = "") {
        (self.endpoint, self.credentials, self.account) = (endpoint, credentials, account)
    }

    /// - Parameter credentials: nil for those that may do everything.
    package func client(_ service: String, credentials: AWSCredentials? = nil) -> AWSClient {
        AWSClient(
            endpoint, service: service, credentials: FixedCredentials(credentials ?? self.credentials),
            retry: RetryPolicy(attempts: 4, first: .milliseconds(5), longest: .milliseconds(50)))
    }

    package func name(_ prefix: String) -> String { "\(prefix)-\(names.identifier().prefix(8))" }

    /// A new queue.
    package func queue(
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
    package func topic(fifo: Bool = false, raw: Bool) async throws -> (SNSTopic, SQSQueue) {
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
    package func allow(_ service: String, source: String, _ queue: SQSQueue, _ arn: String) async throws {
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

    package func set(_ attributes: [String: String], on queue: SQSQueue) async throws {
        let members = JSONObject(attributes.map { ($0.key, JSONValue.string($0.value)) })
        _ = try await client("sqs").call(
            "SetQueueAttributes", of: .sqs, ["QueueUrl": .string(queue.url), "Attributes": .object(members)],
            doing: .init("change", queue.name))
    }

    /// What a queue offers within a while.
    package func queueWaiting(_ queue: SQSQueue, for time: Duration) async throws -> [ReceivedMessage] {
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

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A topic of SNS, standard or FIFO, as the sending end of an exchange of messages.
public struct SNSTopic: Sendable, MessagePublisher {
    public let arn: String
    let client: AWSClient

    /// - Parameter client: of the service `sns`.
    public init(client: AWSClient, arn: String) {
        self.client = client
        self.arn = arn
    }

    /// True when order within a group is kept and repeats are dropped.
    public var isFIFO: Bool { arn.hasSuffix(".fifo") }

    /// What SNS carries, in one batch and in one message with its attributes.
    static let batch = BatchLimits(count: 10, bytes: 256 << 10)

    /// Gives SNS's identifiers. What SNS cannot carry is refused for quarantine before anything of it is sent.
    ///
    /// Attributes go along as message attributes, which subscriptions filter by.
    public func publish(_ messages: [OutgoingMessage]) async -> [Result<String, any Error>] {
        let sender = BatchSender<SNSEntry, String>(
            client: client, limits: Self.batch, atOnce: isFIFO ? 1 : 4, size: \.size
        ) { try await publishBatch($0) }
        return await sender.results(of: messages) { message throws(GranaryError) in
            try SNSEntry(message, isFIFO: isFIFO)
        }
    }

    private func publishBatch(_ entries: [SNSEntry]) async throws -> [Result<String, any Error>] {
        let parameters = [QueryItem("TopicArn", arn)] + entries.enumerated().flatMap { $1.parameters($0) }
        let answer = try await client.query(
            "PublishBatch", version: "2010-03-31", parameters, doing: .init("publish to", arn))
        return try SNSBatchAnswer(answer).results(count: entries.count, topic: arn)
    }
}

/// One message on its way to a topic.
struct SNSEntry: Sendable {
    let size: Int
    private let text: String
    private let attributes: [(name: String, value: String)]
    private let fifo: (group: String, deduplication: String)?

    init(_ message: OutgoingMessage, isFIFO: Bool) throws(GranaryError) {
        text = try CarriedText.of(message, limit: SNSTopic.batch.bytes)
        size = CarriedText.size(of: message)
        attributes = message.attributes.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value) }
        fifo = isFIFO ? (FIFOName.group(of: message), FIFOName.deduplication(of: message)) : nil
    }

    /// - Parameter index: the place in the batch, from 0 on; it is the entry's identifier too.
    func parameters(_ index: Int) -> [QueryItem] {
        let prefix = "PublishBatchRequestEntries.member.\(index + 1)"
        var items = [QueryItem("\(prefix).Id", String(index)), QueryItem("\(prefix).Message", text)]
        for (number, attribute) in attributes.enumerated() {
            let entry = "\(prefix).MessageAttributes.entry.\(number + 1)"
            items += [
                QueryItem("\(entry).Name", attribute.name), QueryItem("\(entry).Value.DataType", "String"),
                QueryItem("\(entry).Value.StringValue", attribute.value),
            ]
        }
        if let fifo {
            items += [
                QueryItem("\(prefix).MessageGroupId", fifo.group),
                QueryItem("\(prefix).MessageDeduplicationId", fifo.deduplication),
            ]
        }
        return items
    }
}

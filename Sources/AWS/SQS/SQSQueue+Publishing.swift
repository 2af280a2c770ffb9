// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

extension SQSQueue: MessagePublisher {
    /// Gives SQS's identifiers. What SQS cannot carry is refused for quarantine before anything of it is sent; what SQS
    /// says it got is compared with what was sent.
    public func publish(_ messages: [OutgoingMessage]) async -> [Result<String, any Error>] {
        await sender.results(of: messages) { message throws(GranaryError) in try SQSEntry(message, isFIFO: isFIFO) }
    }

    var sender: BatchSender<SQSEntry, String> {
        BatchSender(client: client, limits: Self.batch, atOnce: isFIFO ? 1 : 4, size: \.size) { part in
            try await callBatch("SendMessageBatch", part.map(\.json), to: "send messages to") { answer, index in
                try part[index].identifier(in: answer, queue: name)
            }
        }
    }
}

/// One message on its way into a queue.
struct SQSEntry: Sendable {
    private let text: String
    let size: Int
    private let members: JSONValue

    init(_ message: OutgoingMessage, isFIFO: Bool) throws(GranaryError) {
        text = try CarriedText.of(message, limit: Limits.messageBytes)
        size = CarriedText.size(of: message)
        var members: JSONValue = [:]
        if !message.attributes.isEmpty { members["MessageAttributes"] = Self.attributes(message.attributes) }
        if isFIFO {
            members["MessageGroupId"] = .string(FIFOName.group(of: message))
            members["MessageDeduplicationId"] = .string(FIFOName.deduplication(of: message))
        }
        self.members = members
    }

    /// A message that lay in another queue, with everything that it had there.
    init(moved message: SQSMessage, isFIFO: Bool) {
        text = message.text
        size = message.text.utf8.count
        var members: JSONValue = [:]
        if let attributes = message.attributes { members["MessageAttributes"] = attributes }
        if isFIFO {
            members["MessageGroupId"] = .string(message.group ?? "granary")
            members["MessageDeduplicationId"] = .string("moved-\(message.id)")
        }
        self.members = members
    }

    var json: JSONValue {
        var json = members
        json["MessageBody"] = .string(text)
        return json
    }

    func identifier(in answer: JSONValue, queue: String) throws -> String {
        guard let digest = answer["MD5OfMessageBody"]?.string,
            digest.lowercased() == Checksum(.md5, of: Array(text.utf8)).hex
        else {
            throw AWSFault(status: 400, code: "BadDigest").error(doing: "send messages to", subject: queue)
        }
        return answer["MessageId"]?.string ?? ""
    }

    /// SQS refuses a value without letters.
    private static func attributes(_ attributes: [String: String]) -> JSONValue {
        let given = attributes.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        return .object(
            JSONObject(given.map { ($0.key, ["DataType": "String", "StringValue": .string($0.value)]) }))
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

extension KinesisStream: MessagePublisher {
    /// A whole request. A record with its key has at most 1 MiB.
    private static let batch = BatchLimits(count: 500, bytes: 5 << 20)
    private static let recordBytes = 1 << 20

    /// Gives shard and sequence number of each. Records that Kinesis had no room for are sent again by themselves.
    public func publish(_ messages: [OutgoingMessage]) async -> [Result<String, any Error>] {
        let sender = BatchSender<Record, String>(client: client, limits: Self.batch, atOnce: 1, size: \.size) {
            try await self.put($0)
        }
        return await sender.results(of: messages) { message throws(GranaryError) in try Record(message) }
    }

    private func put(_ records: [Record]) async throws -> [Result<String, any Error>] {
        var input = address
        input["Records"] = .array(records.map(\.json))
        let answer = try await call("PutRecords", input, to: "send messages to")
        let entries = answer["Records"]?.array ?? []
        return records.indices.map { index in
            guard index < entries.count else {
                return .failure(AWSFault.unanswered.error(doing: "send messages to", subject: name))
            }
            return result(entries[index])
        }
    }

    private func result(_ entry: JSONValue) -> Result<String, any Error> {
        if let shard = entry["ShardId"]?.string, let sequence = entry["SequenceNumber"]?.string {
            return .success("\(shard):\(sequence)")
        }
        let fault = AWSFault(
            entry: ["Code": entry["ErrorCode"] ?? "InternalFailure", "Message": entry["ErrorMessage"] ?? ""])
        return .failure(fault.error(doing: "send messages to", subject: name))
    }

    private struct Record {
        let data: [UInt8]
        let key: String

        init(_ message: OutgoingMessage) throws(GranaryError) {
            data = message.body
            let fits = (1...256).contains(message.group.utf8.count)
            key = fits ? message.group : Checksum(.sha256, of: Array(message.group.utf8)).hex
            guard !data.isEmpty, size <= KinesisStream.recordBytes else { throw Self.refusal(message) }
        }

        var size: Int { data.count + key.utf8.count }

        var json: JSONValue { ["Data": .string(base64(data)), "PartitionKey": .string(key)] }

        private static func refusal(_ message: OutgoingMessage) -> GranaryError {
            let name = BytePath(message.identifier).description
            return GranaryError(
                .invalid,
                "Message '\(name)' can't be sent: it has \(message.body.count) bytes, and Kinesis takes 1 to 1 MiB.",
                subject: name, remedy: "Let one message list fewer files.", disposition: .quarantine)
        }
    }
}

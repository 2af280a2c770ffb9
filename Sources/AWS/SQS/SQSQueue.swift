// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// A queue of SQS, standard or FIFO, as both ends of an exchange of messages.
///
/// A FIFO queue keeps the order within a message's group and drops repeats of one sending. A standard queue does neither.
public struct SQSQueue: Sendable {
    public let url: String
    let client: AWSClient
    /// How long a receive waits for the first message.
    let wait: Duration
    let holdTime: Duration

    /// - Parameters:
    ///   - client: of the service `sqs`.
    ///   - url: the queue's, as SQS gives it; only the service knows it, requests go to the client's endpoint.
    ///   - wait: up to 20 seconds; longer waits cost nothing and miss less.
    ///   - hold: how long received messages are hidden from others, at most 12 hours.
    public init(client: AWSClient, url: String, wait: Duration = .seconds(20), hold: Duration = .seconds(120)) {
        self.client = client
        self.url = url
        self.wait = min(wait, .seconds(20))
        holdTime = max(hold, .seconds(1))
    }

    /// A queue by its name, in the account of the credentials or in another one. Throws `not.found`.
    public static func named(
        _ name: String, account: String? = nil, client: AWSClient, wait: Duration = .seconds(20),
        hold: Duration = .seconds(120)
    ) async throws -> SQSQueue {
        var input: JSONValue = ["QueueName": .string(name)]
        if let account { input["QueueOwnerAWSAccountId"] = .string(account) }
        let answer = try await client.call("GetQueueUrl", of: .sqs, input, doing: .init("find the queue", name))
        guard let url = answer["QueueUrl"]?.string else {
            throw GranaryError(.notFound, "No queue '\(name)'.", subject: name, remedy: "Check its name and region.")
        }
        return SQSQueue(client: client, url: url, wait: wait, hold: hold)
    }

    /// The last part of the URL.
    public var name: String { url.split(separator: "/").last.map(String.init) ?? url }

    /// True when order within a group is kept and repeats are dropped.
    public var isFIFO: Bool { url.hasSuffix(".fifo") }

    /// One action on this queue.
    func call(
        _ action: String, _ members: JSONValue, to doing: String, isRepeatable: Bool = true, limit: Int = 1 << 20
    ) async throws -> JSONValue {
        var input: JSONValue = ["QueueUrl": .string(url)]
        for (key, value) in members.object?.members ?? [] { input[key] = value }
        return try await client.call(
            action, of: .sqs, input, doing: .init(doing, name), isRepeatable: isRepeatable, limit: limit)
    }

    /// One action on up to ten entries, which are named by their place; one result for each.
    func callBatch<Value>(
        _ action: String, _ entries: [JSONValue], to doing: String, value: (JSONValue, Int) throws -> Value
    ) async throws -> [Result<Value, any Error>] {
        let named = entries.enumerated().map { index, entry in
            var entry = entry
            entry["Id"] = .string(String(index))
            return entry
        }
        let answer = try await call(action, ["Entries": .array(named)], to: doing)
        var results = [Result<Value, any Error>](
            repeating: .failure(AWSFault.unanswered.error(doing: doing, subject: name)), count: entries.count)
        for entry in answer["Successful"]?.array ?? [] {
            guard let index = place(of: entry, in: results) else { continue }
            results[index] = Result { try value(entry, index) }
        }
        for entry in answer["Failed"]?.array ?? [] {
            guard let index = place(of: entry, in: results) else { continue }
            results[index] = .failure(AWSFault(entry: entry).error(doing: doing, subject: name))
        }
        return results
    }

    private func place(of entry: JSONValue, in results: [some Any]) -> Int? {
        entry["Id"]?.string.flatMap(Int.init).flatMap { results.indices.contains($0) ? $0 : nil }
    }

    static let batch = BatchLimits(count: 10, bytes: Limits.messageBytes)
}

extension AWSFault {
    /// One entry of a batch that was not taken: `{"Id", "Code", "Message", "SenderFault"}`.
    init(entry: JSONValue) {
        let isOurs = entry["SenderFault"]?.boolean ?? false
        self.init(
            status: isOurs ? 400 : 500, code: entry["Code"]?.string ?? "InternalError",
            message: entry["Message"]?.string ?? "")
        isOfOneEntry = true
    }

    /// An entry of which the answer says nothing.
    static let unanswered = AWSFault(status: 500, code: "InternalError", message: "the answer leaves the entry out")
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

extension SQSQueue: MessageReceiver {
    /// The visibility timeout that is asked for.
    public var hold: Duration? { holdTime }

    /// Waits for the first message as long as the queue was made to, and not for more.
    ///
    /// A message whose digest is not that of its body was changed on the way: it is left, and comes again.
    public func receive(limit: Int) async throws -> [ReceivedMessage] {
        try await receiveAll(limit: limit).map(\.received)
    }

    func receiveAll(limit: Int) async throws -> [SQSMessage] {
        var messages = try await receivePage(limit, waiting: wait)
        // A full page says that there is more: the rest is fetched side by side.
        while messages.count >= Self.batch.count, messages.count < limit {
            let wanted = min(4, (limit - messages.count + Self.batch.count - 1) / Self.batch.count)
            let more = try await receivePages(wanted, limit: limit - messages.count)
            messages += more
            if more.count < wanted * Self.batch.count { break }
        }
        return messages
    }

    /// Several pages asked for at once. What one of them brought is not lost when another failed.
    private func receivePages(_ count: Int, limit: Int) async throws -> [SQSMessage] {
        try await withThrowingTaskGroup(of: [SQSMessage].self) { group in
            for index in 0..<count {
                let size = min(Self.batch.count, limit - index * Self.batch.count)
                group.addTask { try await receivePage(size, waiting: .zero) }
            }
            var messages: [SQSMessage] = []
            while let page = await group.nextResult() {
                switch page {
                case .success(let page): messages += page
                case .failure(let error as CancellationError): throw error
                case .failure: continue
                }
            }
            return messages
        }
    }

    private func receivePage(_ limit: Int, waiting: Duration) async throws -> [SQSMessage] {
        let answer = try await call(
            "ReceiveMessage",
            [
                "MaxNumberOfMessages": .integer(Int64(max(1, min(limit, Self.batch.count)))),
                "WaitTimeSeconds": .integer(waiting.components.seconds),
                "VisibilityTimeout": .integer(holdTime.components.seconds),
                "MessageSystemAttributeNames": ["SentTimestamp", "MessageGroupId", "ApproximateReceiveCount"],
                "MessageAttributeNames": ["All"],
            ],
            to: "receive messages from", limit: Self.answerBytes)
        let messages = answer["Messages"]?.array ?? []
        let whole = messages.compactMap(SQSMessage.init)
        guard !whole.isEmpty || messages.isEmpty else {
            throw AWSFault(status: 400, code: "BadDigest").error(doing: "receive messages from", subject: name)
        }
        return whole
    }

    /// Of an answer: ten messages, each of whose characters may be six in JSON.
    private static let answerBytes = 64 << 20

    /// A receipt that SQS calls invalid is spent: its message is deleted, or was given out again and is deleted by that
    /// receipt.
    public func delete(_ messages: [ReceivedMessage]) async -> [Result<Void, any Error>] {
        let sender = BatchSender<ReceivedMessage, Void>(client: client, limits: Self.batch, atOnce: 4) { _ in
            0
        } send: { part in
            let entries = part.map { JSONValue.object(["ReceiptHandle": .string($0.receipt)]) }
            return try await callBatch("DeleteMessageBatch", entries, to: "delete messages of") { _, _ in }
        }
        return await sender.results(messages).map { $0.isSpent ? .success(()) : $0 }
    }

    /// All are tried; throws when one could not be held: it may be offered to others again.
    public func extendHold(_ messages: [ReceivedMessage]) async throws {
        for result in await changeVisibility(of: messages, to: holdTime) { try result.get() }
    }

    /// Makes messages invisible for so long from now; zero gives them back at once.
    public func changeVisibility(
        of messages: [ReceivedMessage], to duration: Duration
    ) async -> [Result<Void, any Error>] {
        let seconds = JSONValue.integer(duration.components.seconds)
        let sender = BatchSender<ReceivedMessage, Void>(client: client, limits: Self.batch, atOnce: 4) { _ in
            0
        } send: { part in
            let entries = part.map {
                JSONValue.object(["ReceiptHandle": .string($0.receipt), "VisibilityTimeout": seconds])
            }
            return try await callBatch("ChangeMessageVisibilityBatch", entries, to: "hold messages of") { _, _ in }
        }
        return await sender.results(messages)
    }
}

extension Result<Void, any Error> {
    fileprivate var isSpent: Bool {
        guard case .failure(let error as GranaryError) = self else { return false }
        return error.awsFault?.code == "ReceiptHandleIsInvalid"
    }
}

/// One message as SQS gives it.
struct SQSMessage: Sendable {
    let id: String
    let text: String
    let receipt: String
    let sentAt: Timestamp?
    let group: String?
    let receiveCount: Int
    /// As they came: `{"name": {"DataType", "StringValue"}}`.
    let attributes: JSONValue?

    /// Nil for what is no whole message: its parts are missing, or its digest is another body's.
    init?(_ json: JSONValue) {
        guard let id = json["MessageId"]?.string, let text = json["Body"]?.string,
            let receipt = json["ReceiptHandle"]?.string,
            json["MD5OfBody"]?.string?.lowercased() == Checksum(.md5, of: Array(text.utf8)).hex
        else { return nil }
        (self.id, self.text, self.receipt) = (id, text, receipt)
        let system = json["Attributes"]
        sentAt = system?["SentTimestamp"]?.string.flatMap(Int64.init).map { Timestamp(microseconds: $0 * 1000) }
        group = system?["MessageGroupId"]?.string
        receiveCount = system?["ApproximateReceiveCount"]?.string.flatMap(Int.init) ?? 1
        attributes = json["MessageAttributes"]
    }

    var received: ReceivedMessage {
        ReceivedMessage(key: id, body: Array(text.utf8), sentAt: sentAt, receipt: receipt)
    }
}

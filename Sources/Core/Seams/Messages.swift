// SPDX-License-Identifier: Apache-2.0

/// A message as it goes out: exact bytes under a name that stays the same on every resend.
public struct OutgoingMessage: Sendable, Hashable {
    /// Unique for the message, safe as a file name; a transport that can, uses it to drop repeats.
    public var identifier: String
    /// What the other side gets, to the byte.
    public var body: [UInt8]
    /// Attributes for transports that carry them (SNS, SQS).
    public var attributes: [String: String]
    /// What must stay in order among itself, for transports that keep an order (FIFO queues, shards): the collection.
    public var group: String
    /// Which deliberate sending this is, from 0 on. Tries of one sending repeat it, so that a transport can drop repeats;
    /// a resend after silence has the next number and is not dropped.
    public var occasion: Int

    public init(
        identifier: String, body: [UInt8], attributes: [String: String] = [:], group: String = "granary",
        occasion: Int = 0
    ) {
        self.identifier = identifier
        self.body = body
        self.attributes = attributes
        self.group = group
        self.occasion = occasion
    }
}

/// A message as it came in, not yet taken out of its queue.
public struct ReceivedMessage: Sendable, Hashable {
    /// The transport's own name for the message; the same on redelivery.
    public var key: String
    /// As it came; nothing of it has been believed yet.
    public var body: [UInt8]
    /// When the broker, or the file's time stamp, says that it was sent.
    public var sentAt: Timestamp?
    /// What `delete` needs.
    public var receipt: String

    public init(key: String, body: [UInt8], sentAt: Timestamp?, receipt: String) {
        self.key = key
        self.body = body
        self.sentAt = sentAt
        self.receipt = receipt
    }
}

/// Where messages go: a queue, a topic, a stream, a message box.
public protocol MessagePublisher: Sendable {
    /// Hands over messages, in as few exchanges as the transport allows. One result for each, in order: the broker's own
    /// identifier once the broker has that message durably.
    ///
    /// Sending the same message twice is always allowed; a failure means that the outcome of that message is unknown.
    func publish(_ messages: [OutgoingMessage]) async -> [Result<String, any Error>]
}

extension MessagePublisher {
    /// Hands over one message.
    public func publish(_ message: OutgoingMessage) async throws -> String {
        guard let result = await publish([message]).first else {
            preconditionFailure("a publisher gave no result for a message")
        }
        return try result.get()
    }
}

/// Where messages come from. At least once, in any order.
public protocol MessageReceiver: Sendable {
    /// Up to `limit` messages, empty when there are none now. They stay in the queue until deleted, but a queue may hide
    /// them for `hold`.
    func receive(limit: Int) async throws -> [ReceivedMessage]

    /// Takes messages out of the queue. Call it only after their bytes are committed. One result for each, in order;
    /// deleting twice does no harm.
    func delete(_ messages: [ReceivedMessage]) async -> [Result<Void, any Error>]

    /// How long received messages are ours before the queue offers them again; nil where nobody else is offered them.
    var hold: Duration? { get }

    /// Makes messages ours for another `hold` from now.
    func extendHold(_ messages: [ReceivedMessage]) async throws
}

extension MessageReceiver {
    public var hold: Duration? { nil }
    public func extendHold(_ messages: [ReceivedMessage]) async throws {}

    /// Takes one message out of the queue.
    public func delete(_ message: ReceivedMessage) async throws {
        for result in await delete([message]) { try result.get() }
    }

    /// Works on received messages and keeps them ours meanwhile: the hold is extended each time a third of it is over.
    ///
    /// An extension that fails is left at that: the queue may offer a message again, which does no harm.
    public func holding<Value: Sendable>(
        _ messages: [ReceivedMessage], clock: any Clock<Duration> = ContinuousClock(),
        during work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let hold else { return try await work() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                while true {
                    try await clock.sleep(for: hold / 3)
                    try? await extendHold(messages)
                }
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}

/// Remembers how far a stream has been read, durably: one text for each name (`stream/shard`).
public protocol Checkpoints: Sendable {
    func checkpoint(_ name: String) async throws -> String?
    func save(_ checkpoints: [String: String]) async throws
}

// SPDX-License-Identifier: Apache-2.0

/// A message as it goes out: exact bytes under a name that stays the same on every resend.
public struct OutgoingMessage: Sendable, Hashable {
    /// Unique for the message, safe as a file name; a transport that can, uses it to drop repeats.
    public var identifier: String
    public var body: [UInt8]
    /// Attributes for transports that carry them (SNS, SQS).
    public var attributes: [String: String]

    public init(identifier: String, body: [UInt8], attributes: [String: String] = [:]) {
        self.identifier = identifier
        self.body = body
        self.attributes = attributes
    }
}

/// A message as it came in, not yet taken out of its queue.
public struct ReceivedMessage: Sendable, Hashable {
    /// The transport's own name for the message; the same on redelivery.
    public var key: String
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
    /// Hands over one message. Returns the broker's own identifier once the broker has it durably.
    ///
    /// Sending the same message twice is always allowed; a thrown error means that the outcome is unknown.
    func publish(_ message: OutgoingMessage) async throws -> String
}

/// Where messages come from. At least once, in any order.
public protocol MessageReceiver: Sendable {
    /// Up to `limit` messages, empty when there are none now. They stay in the queue until deleted.
    func receive(limit: Int) async throws -> [ReceivedMessage]

    /// Takes a message out of the queue. Call it only after its bytes are committed. Deleting twice does no harm.
    func delete(_ message: ReceivedMessage) async throws
}

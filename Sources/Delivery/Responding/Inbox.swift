// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore
internal import Logging
internal import ServiceLifecycle

/// Takes messages out of a queue without ever losing one: stored raw and committed first, deleted from the queue after.
struct Inbox: Sendable {
    let catalog: Catalog
    let receiver: any MessageReceiver
    /// What `message_in.source` says.
    let source: String
    /// The work that every message means.
    let kind: WorkKind
    let logger: Logger

    /// By which a hold on received messages is prolonged while the ledger is slow.
    var clock: any Clock<Duration> = ContinuousClock()

    /// What SQS hands out at most at once.
    private static let batch = 10
    /// Batches in one look: a backlog drains, and a shutdown is still noticed between two looks.
    private static let batches = 32

    /// Stores what the queue has, batch by batch; returns how many messages it took out of the queue. A queue that cannot
    /// be read, or a message that cannot be deleted, is a warning and no more.
    ///
    /// `again` runs in the same transaction for a message that was stored before: a redelivery, or a resend that the
    /// transport cannot tell from one.
    func receiveOnce(
        again: @escaping @Sendable (any SQLSession, Int64) throws -> Void = { _, _ in }
    ) async throws -> Int {
        var taken = 0
        for _ in 0..<Self.batches {
            let messages = await received()
            guard !messages.isEmpty else { break }
            let deleted = try await receiver.holding(messages, clock: clock) { try await take(messages, again) }
            taken += deleted
            // What stays in the queue would only be offered again.
            guard deleted == messages.count else { break }
        }
        return taken
    }

    private func take(
        _ messages: [ReceivedMessage], _ again: @escaping @Sendable (any SQLSession, Int64) throws -> Void
    ) async throws -> Int {
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        try await catalog.write { session in
            for part in messages.flatMap(parts) {
                if let id = try session.insertMessage(part, source: source, at: now) {
                    try session.enqueue(kind, subject: id, dueAt: steady)
                } else if let id = try session.messageID(part, source: source) {
                    try again(session, id)
                }
            }
        }
        crashPoint(.messageStored)
        let deleted = await delete(messages)
        crashPoint(.messageDeleted)
        return deleted
    }

    /// A queue may let us wait for messages; a shutdown does not wait with it.
    private func received() async -> [ReceivedMessage] {
        do {
            return try await cancelWhenGracefulShutdown { try await receiver.receive(limit: Self.batch) }
        } catch is CancellationError {
            return []
        } catch {
            warn("messages cannot be received", error)
            return []
        }
    }

    /// How many are out of the queue. One that stays comes again, and is known then.
    private func delete(_ messages: [ReceivedMessage]) async -> Int {
        var deleted = 0
        for result in await receiver.delete(messages) {
            switch result {
            case .success: deleted += 1
            case .failure(let error): warn("a message cannot be deleted", error)
            }
        }
        return deleted
    }

    /// A batch becomes as many messages as it holds.
    private func parts(_ message: ReceivedMessage) -> [ReceivedMessage] {
        let parts = Envelope.parts(of: message.body)
        guard parts.count > 1 else { return [message] }
        return parts.enumerated().map { index, body in
            ReceivedMessage(
                key: "\(message.key)#\(index)", body: body, sentAt: message.sentAt, receipt: message.receipt)
        }
    }

    private func warn(_ what: Logger.Message, _ error: any Error) {
        logger.warning(what, metadata: ["source": "\(source)", "error": "\(error.asGranaryError.message)"])
    }
}

/// A message as it was received: a row of `message_in`.
struct StoredMessage: Sendable {
    var id: Int64
    var source: String
    var key: String
    var digest: String
    var body: [UInt8]
    var receivedAt: Timestamp

    init(row: SQLRow) throws {
        id = try row.int64("id")
        source = try row.text("source")
        key = try row.text("message_key")
        digest = try row.text("digest")
        body = try row.bytes("body")
        receivedAt = try row.time("received_at")
    }
}

extension SQLSession {
    /// Nil when it is stored already.
    fileprivate func insertMessage(_ message: ReceivedMessage, source: String, at moment: Timestamp) throws -> Int64? {
        try insert(
            """
            INSERT INTO message_in (source, message_key, digest, body, received_at, sent_at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (source, message_key, digest) DO NOTHING RETURNING id
            """,
            [source, message.key, digest(message), message.body, moment, message.sentAt])
    }

    fileprivate func messageID(_ message: ReceivedMessage, source: String) throws -> Int64? {
        try first(
            "SELECT id FROM message_in WHERE source = ? AND message_key = ? AND digest = ?",
            [source, message.key, digest(message)]
        )?.int64("id")
    }

    func message(_ id: Int64) throws -> StoredMessage? {
        try first("SELECT * FROM message_in WHERE id = ?", [id]).map(StoredMessage.init(row:))
    }
}

private func digest(_ message: ReceivedMessage) -> Checksum { Checksum(.sha256, of: message.body) }

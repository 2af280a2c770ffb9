// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryIngest
import Logging

/// An SQS queue as the configuration names it. It is looked up when it is first used, so that a service starts, and does
/// everything else, while SQS cannot be reached.
actor NamedQueue: MessagePublisher, MessageReceiver {
    private let client: AWSClient
    private let name: String
    private var found: SQSQueue?

    /// How long received messages are ours at a time; it is prolonged while they are stored.
    private static let ours = Duration.seconds(120)

    /// - Parameter name: a queue's name, `account/name`, or URL.
    init(_ name: String, client: AWSClient) {
        self.name = name
        self.client = client
        if name.contains("://") { found = SQSQueue(client: client, url: name, hold: Self.ours) }
    }

    nonisolated var hold: Duration? { Self.ours }

    func queue() async throws -> SQSQueue {
        if let found { return found }
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        let queue = try await SQSQueue.named(
            parts.last ?? name, account: parts.count > 1 ? parts[0] : nil, client: client, hold: Self.ours)
        found = queue
        return queue
    }

    func publish(_ messages: [OutgoingMessage]) async -> [Result<String, any Error>] {
        do {
            return try await queue().publish(messages)
        } catch {
            return messages.map { _ in .failure(error) }
        }
    }

    func receive(limit: Int) async throws -> [ReceivedMessage] { try await queue().receive(limit: limit) }

    func delete(_ messages: [ReceivedMessage]) async -> [Result<Void, any Error>] {
        do {
            return try await queue().delete(messages)
        } catch {
            return messages.map { _ in .failure(error) }
        }
    }

    func extendHold(_ messages: [ReceivedMessage]) async throws { try await queue().extendHold(messages) }
}

/// A bucket's notices from a queue that is looked up when it is first waited for. Until it is found, and while it cannot
/// be reached, the watcher keeps its own pace.
actor NamedNotices: WakeUps {
    private let queue: NamedQueue
    private let bucket: String
    private let prefix: String
    private var found: BucketNotices?

    init(_ queue: NamedQueue, bucket: String, prefix: String) {
        self.queue = queue
        self.bucket = bucket
        self.prefix = prefix
    }

    func wait(atMost pause: Duration) async {
        do {
            try await notices().wait(atMost: pause)
        } catch {
            warn(error)
            try? await Task.sleep(for: pause)
        }
    }

    /// An object is whole when it is seen: nobody has to say so.
    nonisolated func wasClosed(_ path: BytePath) -> Bool { false }

    private func notices() async throws -> BucketNotices {
        if let found { return found }
        let notices = BucketNotices(queue: try await queue.queue(), bucket: bucket, prefix: prefix, troubled: warn)
        found = notices
        return notices
    }
}

private func warn(_ error: any Error) {
    Logger(label: "granary.ingest").warning("A bucket's notices cannot be used", metadata: ["error": "\(error)"])
}

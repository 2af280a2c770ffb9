// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import Synchronization

/// A message queue in memory: at least once, in order, with faults on request.
public final class MemoryMessageQueue: MessagePublisher, MessageReceiver {
    public enum Operation: Sendable, Hashable {
        case publish, receive, delete
    }

    public let faults = FaultPlan<Operation>()
    private let clock: any WallClock
    private let messages = Mutex<[ReceivedMessage]>([])

    public init(clock: any WallClock = SystemClock()) { self.clock = clock }

    /// What lies in the queue, in the order of arrival.
    public var all: [ReceivedMessage] { messages.withLock { $0 } }

    /// Takes a message as it stands, under a key that a broker would give.
    public func put(_ body: [UInt8], key: String) {
        let message = ReceivedMessage(key: key, body: body, sentAt: clock.now(), receipt: key)
        messages.withLock { $0.append(message) }
    }

    /// A repeat of the same message is dropped, as a FIFO queue does; other bytes under its identifier are refused.
    public func publish(_ messages: [OutgoingMessage]) async -> [Result<String, any Error>] {
        messages.map { message in Result { try publish(message) } }
    }

    private func publish(_ message: OutgoingMessage) throws -> String {
        try faults.visit(.publish)
        if let earlier = all.first(where: { $0.key == message.identifier }) {
            guard earlier.body == message.body else { throw otherBytes(message) }
        } else {
            put(message.body, key: message.identifier)
        }
        return message.identifier
    }

    public func receive(limit: Int) async throws -> [ReceivedMessage] {
        try faults.visit(.receive)
        return Array(all.prefix(limit))
    }

    public func delete(_ messages: [ReceivedMessage]) async -> [Result<Void, any Error>] {
        messages.map { message in
            Result {
                try faults.visit(.delete)
                self.messages.withLock { $0.removeAll { $0.receipt == message.receipt } }
            }
        }
    }

    private func otherBytes(_ message: OutgoingMessage) -> GranaryError {
        GranaryError(
            .stateConflict, "message '\(message.identifier)' was sent before with other bytes",
            subject: message.identifier, remedy: "give the new message an identifier of its own")
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import TestBroker

/// A receiver that remembers what it gave out, so that a test can let holds run out without waiting.
final class RecordingReceiver: MessageReceiver {
    private let queue: SQSQueue
    private let unwrap: @Sendable ([UInt8]) -> [UInt8]
    private let given = Lines<ReceivedMessage>()

    init(_ queue: SQSQueue, unwrap: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 }) {
        self.queue = queue
        self.unwrap = unwrap
    }

    func receive(limit: Int) async throws -> [ReceivedMessage] {
        let messages = try await queue.receive(limit: limit)
        given.add(messages)
        return messages.map { message in
            var message = message
            message.body = unwrap(message.body)
            return message
        }
    }

    func delete(_ messages: [ReceivedMessage]) async -> [Result<Void, any Error>] { await queue.delete(messages) }

    /// Those that were deleted meanwhile can't be given back, and need not be.
    func expireHolds() async { _ = await queue.changeVisibility(of: given.take(), to: .zero) }
}

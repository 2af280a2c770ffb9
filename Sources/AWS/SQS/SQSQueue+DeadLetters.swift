// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// What SQS says of a queue.
public struct SQSQueueState: Sendable, Hashable {
    public var arn: String
    /// About how many can be received now.
    public var waiting: Int
    /// About how many somebody holds.
    public var held: Int
    /// About how many become visible later.
    public var delayed: Int
    /// How long what was received is hidden from others.
    public var visibility: Duration?
    /// How long a message is kept.
    public var retention: Duration?
    /// Where messages go that were received too often.
    public var redrive: Redrive?

    /// The rule by which a queue gives messages up.
    public struct Redrive: Sendable, Hashable {
        public var deadLetterArn: String
        /// Receives before a message goes there.
        public var receives: Int

        public init(deadLetterArn: String, receives: Int) {
            self.deadLetterArn = deadLetterArn
            self.receives = receives
        }
    }
}

extension SQSQueue {
    /// Asks for the queue's attributes; counts are the service's own guess.
    public func state() async throws -> SQSQueueState {
        let answer = try await call("GetQueueAttributes", ["AttributeNames": ["All"]], to: "look at")
        let attributes = answer["Attributes"] ?? .null
        func number(_ name: String) -> Int? { attributes[name]?.string.flatMap(Int.init) }
        return SQSQueueState(
            arn: attributes["QueueArn"]?.string ?? "", waiting: number("ApproximateNumberOfMessages") ?? 0,
            held: number("ApproximateNumberOfMessagesNotVisible") ?? 0,
            delayed: number("ApproximateNumberOfMessagesDelayed") ?? 0,
            visibility: number("VisibilityTimeout").map { .seconds($0) },
            retention: number("MessageRetentionPeriod").map { .seconds($0) },
            redrive: attributes["RedrivePolicy"]?.string.flatMap(Self.redrive))
    }

    private static func redrive(_ text: String) -> SQSQueueState.Redrive? {
        guard let policy = try? JSONValue(parsing: text), let arn = policy["deadLetterTargetArn"]?.string else {
            return nil
        }
        let receives = policy["maxReceiveCount"]
        let count = receives?.integer.map(Int.init) ?? receives?.string.flatMap(Int.init)
        return .init(deadLetterArn: arn, receives: count ?? 1)
    }

    /// What became of dead letters that were to be moved back.
    public enum Moved: Sendable, Hashable {
        /// The service moves them by itself from now on.
        case begun(task: String)
        /// This many were moved.
        case done(Int)
    }

    /// Moves what lies in a dead-letter queue back into this one, from which it came.
    ///
    /// By the service where it can (StartMessageMoveTask); else message by message, each sent here before it is deleted
    /// there, so that a stop in between leaves it in both and in none never.
    public func redrive(from deadLetters: SQSQueue) async throws -> Moved {
        let (source, target) = (try await deadLetters.state().arn, try await state().arn)
        do {
            let answer = try await deadLetters.client.call(
                "StartMessageMoveTask", of: .sqs, ["SourceArn": .string(source), "DestinationArn": .string(target)],
                doing: .init("move the messages of", deadLetters.name), isRepeatable: false)
            return .begun(task: answer["TaskHandle"]?.string ?? "")
        } catch let error as GranaryError where error.awsFault?.mayLackMoving == true {
            return .done(try await move(from: deadLetters))
        }
    }

    private func move(from deadLetters: SQSQueue) async throws -> Int {
        var count = 0
        while case let messages = try await deadLetters.receiveAll(limit: 100), !messages.isEmpty {
            let sent = await sender.results(messages.map { SQSEntry(moved: $0, isFIFO: isFIFO) })
            let moved = zip(messages, sent).filter { (try? $0.1.get()) != nil }.map(\.0.received)
            for result in await deadLetters.delete(moved) { try result.get() }
            for result in sent { _ = try result.get() }
            count += moved.count
        }
        return count
    }
}

extension AWSFault {
    /// Servers that speak SQS and know no such action say so in several ways; one just fails.
    fileprivate var mayLackMoving: Bool { kind == .unsupported || kind == .failed }
}

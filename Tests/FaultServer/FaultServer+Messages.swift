// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Synchronization

extension FaultServer {
    /// Makes a queue and gives its URL. A FIFO queue is one whose name ends in `.fifo`.
    @discardableResult
    public func createQueue(
        _ name: String, visibility: Int = 30, deadLetters: String? = nil, maxReceiveCount: Int = 3
    ) -> String {
        var attributes = ["VisibilityTimeout": "\(visibility)"]
        if let deadLetters {
            let policy: JSONValue = [
                "deadLetterTargetArn": .string("arn:aws:sqs:us-east-1:000000000000:\(deadLetters)"),
                "maxReceiveCount": .integer(Int64(maxReceiveCount)),
            ]
            attributes["RedrivePolicy"] = policy.text
        }
        core.world.withLock { [attributes] in
            $0.sqs.queues[name] = SQSQueue(name: name, attributes: attributes)
        }
        return "\(url)/000000000000/\(name)"
    }

    /// The bodies that lie in a queue, received ones among them, in order.
    public func messages(in queue: String) -> [String] {
        core.world.withLock { $0.sqs.queues[queue]?.messages.map(\.body) ?? [] }
    }

    /// Makes a topic that delivers to queues of this server, and gives its ARN.
    @discardableResult
    public func createTopic(_ name: String, delivering queues: [String] = [], raw: Bool = true) -> String {
        core.world.withLock {
            $0.sns.topics[name] = SNSModel.Topic(
                attributes: [:], subscriptions: queues.map { SNSModel.Subscription(queue: $0, isRaw: raw) })
        }
        return SNSModel.arn(name)
    }

    /// Makes a stream.
    public func createStream(_ name: String, shards: Int = 1) {
        core.world.withLock { $0.kinesis.open(name, shards: shards) }
    }

    /// The records of a stream, shard by shard, in order.
    public func records(in stream: String) -> [[UInt8]] {
        core.world.withLock { $0.kinesis.streams[stream] ?? [] }.flatMap(\.records).map { base64Bytes($0.data) ?? [] }
    }

    /// Splits an open shard in the middle.
    public func splitShard(_ name: String, of stream: String) {
        core.world.withLock { $0.kinesis.split(name, of: stream) }
    }
}

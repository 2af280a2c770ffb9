// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// A message in a queue.
struct SQSMessage: Sendable {
    var id: String
    var body: String
    var attributes: JSONObject
    var sentAt: Timestamp
    var visibleAt: Timestamp
    var firstReceived: Timestamp?
    var receives = 0
    /// The newest receipt; older ones are stale.
    var receipt = ""
    var group: String?
    var deduplication: String?
    var sequence: String?

    /// Whether somebody holds it now.
    func isHeld(_ now: Timestamp) -> Bool { receives > 0 && visibleAt > now }
}

struct SQSQueue: Sendable {
    struct Repeat: Sendable {
        var id: String
        var sequence: String
        var until: Timestamp
    }

    var name: String
    var attributes: [String: String]
    var messages: [SQSMessage] = []
    /// By deduplication id, for five minutes each.
    var seen: [String: Repeat] = [:]

    var isFIFO: Bool { name.hasSuffix(".fifo") }
    var arn: String { "arn:aws:sqs:us-east-1:000000000000:\(name)" }
    var visibility: Int { attributes["VisibilityTimeout"].flatMap { Int($0) } ?? 30 }

    /// Where messages go that were received too often, and how often that is.
    var deadLetters: (queue: String, after: Int)? {
        guard let policy = attributes["RedrivePolicy"].flatMap({ try? JSONValue(parsing: $0) }),
            let target = policy["deadLetterTargetArn"]?.string?.split(separator: ":").last,
            let count = policy["maxReceiveCount"]?.integer ?? policy["maxReceiveCount"]?.string.flatMap({ Int64($0) })
        else { return nil }
        return (String(target), Int(count))
    }

    /// The attributes that are counted, and those that were set.
    func shown(_ now: Timestamp) -> [String: String] {
        let held = messages.filter { $0.isHeld(now) }.count
        let late = messages.filter { $0.receives == 0 && $0.visibleAt > now }.count
        var all = attributes
        all["QueueArn"] = arn
        all["ApproximateNumberOfMessages"] = "\(messages.count - held - late)"
        all["ApproximateNumberOfMessagesNotVisible"] = "\(held)"
        all["ApproximateNumberOfMessagesDelayed"] = "\(late)"
        all["VisibilityTimeout"] = "\(visibility)"
        all["MaximumMessageSize"] = attributes["MaximumMessageSize"] ?? "1048576"
        if isFIFO { all["FifoQueue"] = "true" }
        return all
    }
}

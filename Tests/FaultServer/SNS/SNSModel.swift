// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// SNS, as much of it as Granary uses; it delivers to the queues of the same server.
struct SNSModel: Sendable {
    struct Subscription: Sendable {
        var queue: String
        var isRaw: Bool
    }

    struct Topic: Sendable {
        var attributes: [String: String]
        var subscriptions: [Subscription] = []
        var seen: [String: (id: String, sequence: String, until: Timestamp)] = [:]
    }

    var topics: [String: Topic] = [:]
    private var counter = 0

    static func arn(_ name: String) -> String { "arn:aws:sns:us-east-1:000000000000:\(name)" }

    mutating func answer(_ ask: SNSAsk, _ queues: inout SQSModel, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        if ask.operation == .createTopic { return createTopic(ask) }
        guard topics[ask.subject] != nil else { throw Refusal(404, "NotFound", "Topic does not exist") }
        switch ask.operation {
        case .subscribe: return subscribe(ask)
        case .publish:
            return .sns(.publish, try publish("", ask, &queues, &effects))
        case .publishBatch: return try publishBatch(ask, &queues, &effects)
        default: throw Refusal(400, "InvalidAction", "This is not done here")
        }
    }

    private mutating func createTopic(_ ask: SNSAsk) -> Reply {
        if topics[ask.subject] == nil { topics[ask.subject] = Topic(attributes: ask.pairs("Attributes")) }
        return .sns(.createTopic, [XML("TopicArn", Self.arn(ask.subject))])
    }

    private mutating func subscribe(_ ask: SNSAsk) -> Reply {
        let queue = ask.form["Endpoint"]?.split(separator: ":").last.map(String.init) ?? ""
        let isRaw = ask.pairs("Attributes")["RawMessageDelivery"] == "true"
        topics[ask.subject]?.subscriptions.append(Subscription(queue: queue, isRaw: isRaw))
        counter += 1
        return .sns(.subscribe, [XML("SubscriptionArn", "\(Self.arn(ask.subject)):\(counter)")])
    }

    private mutating func publishBatch(
        _ ask: SNSAsk, _ queues: inout SQSModel, _ effects: inout [Effect]
    ) throws(Refusal) -> Reply {
        let entry = { (number: Int) in "PublishBatchRequestEntries.member.\(number)." }
        let ids = (1...).lazy.map { ask.form["\(entry($0))Id"] }.prefix { $0 != nil }.compactMap(\.self)
        let all = Array(ids)
        guard !all.isEmpty else {
            throw Refusal(400, "EmptyBatchRequest", "The batch request doesn't contain any entries.")
        }
        guard all.count <= 10 else { throw Refusal(400, "TooManyEntriesInBatchRequest", "more than 10 entries") }
        guard Set(all).count == all.count else { throw Refusal(400, "BatchEntryIdsNotDistinct", "An id is repeated") }
        let size = all.indices.reduce(0) { $0 + (ask.form["\(entry($1 + 1))Message"] ?? "").utf8.count }
        guard size <= Self.largest else { throw Refusal(400, "BatchRequestTooLong", "longer than 262144 bytes") }
        let failing = ask.faults.failingEntries
        var (done, failed): ([XML], [XML]) = ([], [])
        for (place, id) in all.enumerated() {
            do throws(Refusal) {
                if let code = failing[place] { throw Refusal(500, code, "A fault was asked for") }
                done.append(XML("member", [XML("Id", id)] + (try publish(entry(place + 1), ask, &queues, &effects))))
            } catch {
                failed.append(
                    XML(
                        "member",
                        [
                            XML("Id", id), XML("Code", error.code), XML("Message", error.message),
                            XML("SenderFault", error.status < 500 ? "true" : "false"),
                        ]))
            }
        }
        return .sns(.publishBatch, [XML("Successful", done), XML("Failed", failed)])
    }

    private static let largest = 262_144

    /// Takes one message, delivers it, and says what its answer holds.
    private mutating func publish(
        _ prefix: String, _ ask: SNSAsk, _ queues: inout SQSModel, _ effects: inout [Effect]
    ) throws(Refusal) -> [XML] {
        let body = ask.form["\(prefix)Message"] ?? ""
        guard !body.isEmpty, body.utf8.count <= Self.largest else {
            throw Refusal(400, "InvalidParameter", "Invalid parameter: Message \(body.isEmpty ? "empty" : "too long")")
        }
        let name = ask.subject
        let group = ask.form["\(prefix)MessageGroupId"]
        let isFIFO = name.hasSuffix(".fifo")
        guard !isFIFO || group != nil else {
            throw Refusal(400, "InvalidParameter", "The MessageGroupId parameter is required for FIFO topics")
        }
        let given = ask.form["\(prefix)MessageDeduplicationId"]
        let repeated = isFIFO ? given ?? Checksum(.sha256, of: Array(body.utf8)).hex : given ?? ""
        if let known = topics[name]?.seen[repeated], known.until > ask.now {
            effects.append(Effect(ask.operation, .repeated, name, identity: repeated, message: body))
            return [XML("MessageId", known.id), XML("SequenceNumber", known.sequence)]
        }
        counter += 1
        let id = "published-\(counter)"
        let sequence = "\(10_000_000_000_000_000_000 + UInt64(counter))"
        if isFIFO { topics[name]?.seen[repeated] = (id, sequence, ask.now + .seconds(300)) }
        effects.append(Effect(ask.operation, .accepted, name, identity: repeated, message: body))
        for subscription in topics[name]?.subscriptions ?? [] {
            try deliver(body, id, prefix, repeated, to: subscription, ask, &queues, &effects)
        }
        return [XML("MessageId", id)] + (isFIFO ? [XML("SequenceNumber", sequence)] : [])
    }

    private func deliver(
        _ body: String, _ id: String, _ prefix: String, _ repeated: String, to subscription: Subscription,
        _ ask: SNSAsk,
        _ queues: inout SQSModel, _ effects: inout [Effect]
    ) throws(Refusal) {
        guard queues.queues[subscription.queue] != nil else { return }
        let attributes = ask.messageAttributes(prefix)
        let text = subscription.isRaw ? body : wrapped(body, id, attributes, ask)
        var message = SQSMessage(
            id: "", body: text, attributes: subscription.isRaw ? attributes : JSONObject(), sentAt: ask.now,
            visibleAt: ask.now)
        var entry: JSONValue = ["MessageDeduplicationId": .string(repeated)]
        if let group = ask.form["\(prefix)MessageGroupId"] { entry["MessageGroupId"] = .string(group) }
        _ = try queues.accept(&message, entry, into: subscription.queue, ask.operation, ask.now, &effects)
    }

    /// The envelope that a subscription without raw delivery gets.
    private func wrapped(_ body: String, _ id: String, _ attributes: JSONObject, _ ask: SNSAsk) -> String {
        var envelope: JSONValue = [
            "Type": "Notification", "MessageId": .string(id), "TopicArn": .string(Self.arn(ask.subject)),
            "Message": .string(body), "Timestamp": .string(Moments.iso(ask.now)), "SignatureVersion": "1",
            "Signature": "RkFVTFQ=", "SigningCertURL": "https://sns.us-east-1.amazonaws.com/fault.pem",
            "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
        ]
        if !attributes.isEmpty {
            let members = attributes.members.map { name, value in
                (name, JSONValue.object(["Type": value["DataType"] ?? "String", "Value": value["StringValue"] ?? ""]))
            }
            envelope["MessageAttributes"] = .object(JSONObject(members))
        }
        return envelope.text
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore

extension SQSModel {
    mutating func receive(_ ask: JSONAsk) throws(Refusal) -> Reply {
        let queue = try queue(ask)
        let limit = ask.number("MaxNumberOfMessages") ?? 1
        guard (1...10).contains(limit) else {
            throw Refusal(400, "InvalidParameterValue", "MaxNumberOfMessages must be between 1 and 10")
        }
        moveDeadLetters(of: queue, ask.now)
        let visibility = Duration.seconds(ask.number("VisibilityTimeout") ?? queue.visibility)
        let hides = !ask.faults.contains {
            if case .deliverTwice = $0 { true } else if case .expired = $0 { true } else { false }
        }
        var given: [JSONValue] = []
        var heldGroups = Set(queue.messages.filter { $0.isHeld(ask.now) }.compactMap { queue.isFIFO ? $0.group : nil })
        for place in (queues[ask.subject]?.messages ?? []).indices where given.count < limit {
            guard var message = queues[ask.subject]?.messages[place], message.visibleAt <= ask.now else { continue }
            if queue.isFIFO, let group = message.group, heldGroups.contains(group) { continue }
            message.receives += 1
            message.firstReceived = message.firstReceived ?? ask.now
            message.receipt = base64(Array("\(message.id)#\(message.receives)".utf8))
            message.visibleAt = hides ? ask.now + visibility : ask.now
            queues[ask.subject]?.messages[place] = message
            given.append(message.shown(ask))
        }
        heldGroups = []
        for case .reorderPage in ask.faults { given.reverse() }
        return .json(given.isEmpty ? [:] : ["Messages": .array(given)])
    }

    /// True when a receive would give something now; what a long poll waits for.
    func hasVisible(_ name: String, _ now: Timestamp) -> Bool {
        queues[name]?.messages.contains { $0.visibleAt <= now } ?? true
    }

    private mutating func moveDeadLetters(of queue: SQSQueue, _ now: Timestamp) {
        guard let target = queue.deadLetters, queues[target.queue] != nil else { return }
        let isDead = { (message: SQSMessage) in message.receives >= target.after && message.visibleAt <= now }
        let dead = queue.messages.filter(isDead)
        guard !dead.isEmpty else { return }
        queues[queue.name]?.messages.removeAll(where: isDead)
        queues[target.queue]?.messages += dead
    }

    mutating func delete(_ entry: JSONValue, _ ask: JSONAsk, _ effects: inout [Effect]) throws(Refusal) {
        guard let (name, place) = try held(entry, ask), let message = queues[name]?.messages[place] else { return }
        guard message.receipt == entry["ReceiptHandle"]?.string else {
            guard queues[name]?.isFIFO == true else { return }
            throw Self.expired
        }
        if queues[name]?.isFIFO == true, message.visibleAt <= ask.now { throw Self.expired }
        queues[name]?.messages.remove(at: place)
        effects.append(Effect(ask.operation, .removed, name, identity: message.id, message: message.body))
    }

    mutating func changeVisibility(_ entry: JSONValue, _ ask: JSONAsk) throws(Refusal) {
        guard let seconds = entry["VisibilityTimeout"]?.integer, (0...43_200).contains(seconds) else {
            throw Refusal(400, "InvalidParameterValue", "VisibilityTimeout must be between 0 and 43200")
        }
        guard let (name, place) = try held(entry, ask), let message = queues[name]?.messages[place],
            message.receipt == entry["ReceiptHandle"]?.string, message.isHeld(ask.now)
        else { throw Refusal(400, "MessageNotInflight", "The message referred to isn't in flight.") }
        if let first = message.firstReceived, ask.now + .seconds(seconds) > first + .seconds(43_200) {
            throw Refusal(
                400, "InvalidParameterValue",
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
        }
        queues[name]?.messages[place].visibleAt = ask.now + .seconds(seconds)
    }

    /// The queue and the place of the message that a receipt was once given for; nil when it is gone.
    private func held(_ entry: JSONValue, _ ask: JSONAsk) throws(Refusal) -> (String, Int)? {
        _ = try queue(ask)
        let receipt = entry["ReceiptHandle"]?.string ?? ""
        guard let bytes = base64Bytes(receipt),
            let id = String(decoding: bytes, as: UTF8.self).split(separator: "#").first,
            id.hasPrefix("message-")
        else { throw Refusal(404, "ReceiptHandleIsInvalid", "The input receipt handle is invalid.") }
        for case .expired in ask.faults { throw Self.expired }
        return queues[ask.subject]?.messages.firstIndex { $0.id == id }.map { (ask.subject, $0) }
    }

    private static let expired = Refusal(
        400, "InvalidParameterValue",
        "Value for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.")
}

extension SQSMessage {
    /// As ReceiveMessage gives it.
    fileprivate func shown(_ ask: JSONAsk) -> JSONValue {
        let names = ["AttributeNames", "MessageSystemAttributeNames"].flatMap { ask.input[$0]?.array ?? [] }.compactMap(
            \.string)
        let all: [(String, String?)] = [
            ("SenderId", "AIDAFAULT"), ("SentTimestamp", "\(sentAt.microseconds / 1000)"),
            ("ApproximateReceiveCount", "\(receives)"),
            ("ApproximateFirstReceiveTimestamp", firstReceived.map { "\($0.microseconds / 1000)" }),
            ("MessageGroupId", group), ("MessageDeduplicationId", deduplication), ("SequenceNumber", sequence),
        ]
        let wanted = all.compactMap { name, value -> (String, JSONValue)? in
            guard let value, names.contains("All") || names.contains(name) else { return nil }
            return (name, .string(value))
        }
        var shown: JSONValue = [
            "MessageId": .string(id), "ReceiptHandle": .string(receipt), "Body": .string(body),
            "MD5OfBody": .string(Checksum(.md5, of: Array(body.utf8)).hex),
        ]
        if !wanted.isEmpty { shown["Attributes"] = .object(JSONObject(wanted)) }
        if !attributes.isEmpty, !(ask.input["MessageAttributeNames"]?.array ?? []).isEmpty {
            shown["MessageAttributes"] = .object(attributes)
            shown["MD5OfMessageAttributes"] = .string(attributes.messageDigest)
        }
        return shown
    }
}

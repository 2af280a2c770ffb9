// SPDX-License-Identifier: Apache-2.0

import GranaryCore

extension SQSModel {
    private static let largest = 1_048_576

    mutating func sendMessage(_ ask: JSONAsk, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        _ = try queue(ask)
        return .json(.object(JSONObject(try send(ask.input, ask, &effects))))
    }

    mutating func sendBatch(_ ask: JSONAsk, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        _ = try queue(ask)
        let entries = try ask.batchEntries()
        guard entries.reduce(0, { $0 + Self.size($1) }) <= Self.largest else {
            throw Refusal(400, "BatchRequestTooLong", "Batch requests cannot be longer than 1048576 bytes.")
        }
        let failing = ask.faults.failingEntries
        var done: [JSONValue] = []
        var failed: [JSONValue] = []
        for (place, entry) in entries.enumerated() {
            let id = JSONValue.string(entry["Id"]?.string ?? "")
            do throws(Refusal) {
                if let code = failing[place] { throw Refusal(500, code, "A fault was asked for") }
                done.append(.object(JSONObject([("Id", id)] + (try send(entry, ask, &effects)))))
            } catch {
                failed.append(.failedEntry(id, error))
            }
        }
        return .json(["Successful": .array(done), "Failed": .array(failed)])
    }

    /// Takes one message, and says what its answer holds.
    private mutating func send(
        _ entry: JSONValue, _ ask: JSONAsk, _ effects: inout [Effect]
    ) throws(Refusal) -> [(String, JSONValue)] {
        let body = entry["MessageBody"]?.string ?? ""
        try Self.prove(body, entry)
        let attributes = entry["MessageAttributes"]?.object ?? JSONObject()
        var message = SQSMessage(
            id: "", body: body, attributes: attributes, sentAt: ask.now,
            visibleAt: ask.now + .seconds(entry["DelaySeconds"]?.integer ?? 0))
        let answer = try accept(&message, entry, into: ask.subject, ask.operation, ask.now, &effects)
        var members: [(String, JSONValue)] = [
            ("MessageId", .string(answer.id)), ("MD5OfMessageBody", .string(Checksum(.md5, of: Array(body.utf8)).hex)),
        ]
        if !attributes.isEmpty { members.append(("MD5OfMessageAttributes", .string(attributes.messageDigest))) }
        if let sequence = answer.sequence { members.append(("SequenceNumber", .string(sequence))) }
        return members
    }

    /// Puts a message into a queue, unless it is a repeat of one that a FIFO queue has seen within five minutes.
    mutating func accept(
        _ message: inout SQSMessage, _ entry: JSONValue, into name: String, _ operation: Operation, _ now: Timestamp,
        _ effects: inout [Effect]
    ) throws(Refusal) -> (id: String, sequence: String?) {
        let isFIFO = queues[name]?.isFIFO == true
        message.group = entry["MessageGroupId"]?.string
        if isFIFO { message.deduplication = try deduplication(entry, message, name) }
        let identity = message.deduplication ?? message.group ?? ""
        if let known = message.deduplication.flatMap({ queues[name]?.seen[$0] }), known.until > now {
            effects.append(Effect(operation, .repeated, name, identity: identity, message: message.body))
            return (known.id, known.sequence)
        }
        message.id = "message-\(next())"
        if isFIFO { message.sequence = "1886\(String(1_000_000_000_000_000 + next()))" }
        if let id = message.deduplication, let sequence = message.sequence {
            queues[name]?.seen[id] = SQSQueue.Repeat(id: message.id, sequence: sequence, until: now + .seconds(300))
        }
        queues[name]?.messages.append(message)
        effects.append(Effect(operation, .accepted, name, identity: identity, message: message.body))
        return (message.id, message.sequence)
    }

    private func deduplication(_ entry: JSONValue, _ message: SQSMessage, _ name: String) throws(Refusal) -> String {
        guard message.group != nil else {
            throw Refusal(400, "MissingParameter", "The request must contain the parameter MessageGroupId.")
        }
        if let id = entry["MessageDeduplicationId"]?.string { return id }
        guard queues[name]?.attributes["ContentBasedDeduplication"] == "true" else {
            throw Refusal(
                400, "InvalidParameterValue",
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
            )
        }
        return Checksum(.sha256, of: Array(message.body.utf8)).hex
    }

    private static func prove(_ body: String, _ entry: JSONValue) throws(Refusal) {
        guard !body.isEmpty else { throw Refusal(400, "MissingParameter", "The request must contain MessageBody.") }
        guard body.unicodeScalars.allSatisfy(isAllowed) else {
            throw Refusal(400, "InvalidMessageContents", "The message contains characters outside the allowed set.")
        }
        guard size(entry) <= largest else {
            throw Refusal(
                400, "InvalidParameterValue",
                "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.")
        }
    }

    private static func size(_ entry: JSONValue) -> Int {
        let attributes = (entry["MessageAttributes"]?.object?.members ?? []).map { name, value in
            name.utf8.count + (value["DataType"]?.string ?? "").utf8.count
                + (value["StringValue"]?.string ?? "").utf8.count
        }
        return (entry["MessageBody"]?.string ?? "").utf8.count + attributes.reduce(0, +)
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}

extension JSONObject {
    /// The MD5 of message attributes, as AWS computes it: names in order, each part with its length before it.
    var messageDigest: String {
        var bytes: [UInt8] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let type = value["DataType"]?.string ?? ""
            bytes.appendMeasured(Array(name.utf8))
            bytes.appendMeasured(Array(type.utf8))
            if type.hasPrefix("Binary") {
                bytes.append(2)
                bytes.appendMeasured(base64Bytes(value["BinaryValue"]?.string ?? "") ?? [])
            } else {
                bytes.append(1)
                bytes.appendMeasured(Array((value["StringValue"]?.string ?? "").utf8))
            }
        }
        return Checksum(.md5, of: bytes).hex
    }
}

extension [UInt8] {
    fileprivate mutating func appendMeasured(_ bytes: [UInt8]) {
        for shift in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: bytes.count >> shift)) }
        self += bytes
    }
}

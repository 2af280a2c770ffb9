// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// SQS, as much of it as Granary uses.
struct SQSModel: Sendable {
    var queues: [String: SQSQueue] = [:]
    private var counter = 0

    /// A number that was not given before.
    mutating func next() -> Int {
        counter += 1
        return counter
    }

    mutating func answer(_ ask: JSONAsk, endpoint: String, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        switch ask.operation {
        case .createQueue: return try createQueue(ask, endpoint)
        case .getQueueURL:
            let name = try queue(ask).name
            return .json(["QueueUrl": .string("\(endpoint)/000000000000/\(name)")])
        case .getQueueAttributes: return try attributes(ask)
        case .setQueueAttributes:
            _ = try queue(ask)
            queues[ask.subject]?.attributes.merge(ask.strings("Attributes")) { $1 }
            return .json([:])
        case .sendMessage: return try sendMessage(ask, &effects)
        case .sendMessageBatch: return try sendBatch(ask, &effects)
        case .receiveMessage: return try receive(ask)
        case .deleteMessage:
            try delete(ask.input, ask, &effects)
            return .json([:])
        case .deleteMessageBatch:
            return try batch(ask) { (model, entry) throws(Refusal) in try model.delete(entry, ask, &effects) }
        case .changeVisibility:
            try changeVisibility(ask.input, ask)
            return .json([:])
        case .changeVisibilityBatch:
            return try batch(ask) { (model, entry) throws(Refusal) in try model.changeVisibility(entry, ask) }
        case .startMoveTask: return try moveBack(ask, &effects)
        default: throw Refusal(400, "InvalidAction", "This is not done here")
        }
    }

    func queue(_ ask: JSONAsk) throws(Refusal) -> SQSQueue {
        guard let queue = queues[ask.subject] else {
            throw Refusal(400, "QueueDoesNotExist", "The specified queue does not exist.")
        }
        return queue
    }

    private mutating func createQueue(_ ask: JSONAsk, _ endpoint: String) throws(Refusal) -> Reply {
        let name = try ask.needed("QueueName")
        let attributes = ask.strings("Attributes")
        guard name.hasSuffix(".fifo") == (attributes["FifoQueue"] == "true") else {
            throw Refusal(400, "InvalidParameterValue", "The name of a FIFO queue, and only it, ends in .fifo")
        }
        if queues[name] == nil { queues[name] = SQSQueue(name: name, attributes: attributes) }
        return .json(["QueueUrl": .string("\(endpoint)/000000000000/\(name)")])
    }

    private func attributes(_ ask: JSONAsk) throws(Refusal) -> Reply {
        let wanted = (ask.input["AttributeNames"]?.array ?? []).compactMap(\.string)
        let shown = try queue(ask).shown(ask.now).filter { wanted.contains("All") || wanted.contains($0.key) }
        let members = shown.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
        return .json(["Attributes": .object(JSONObject(members))])
    }

    /// Does the same with each entry of a batch, and tells what became of each.
    private mutating func batch(
        _ ask: JSONAsk, _ body: (inout SQSModel, JSONValue) throws(Refusal) -> Void
    ) throws(Refusal) -> Reply {
        _ = try queue(ask)
        let failing = ask.faults.failingEntries
        var done: [JSONValue] = []
        var failed: [JSONValue] = []
        for (place, entry) in try ask.batchEntries().enumerated() {
            let id = JSONValue.string(entry["Id"]?.string ?? "")
            do throws(Refusal) {
                if let code = failing[place] { throw Refusal(500, code, "A fault was asked for") }
                try body(&self, entry)
                done.append(["Id": id])
            } catch {
                failed.append(.failedEntry(id, error))
            }
        }
        return .json(["Successful": .array(done), "Failed": .array(failed)])
    }

    /// StartMessageMoveTask: all at once, back to the queue whose dead letters these are.
    private mutating func moveBack(_ ask: JSONAsk, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        let source = try ask.needed("SourceArn").split(separator: ":").last.map(String.init) ?? ""
        let target =
            ask.text("DestinationArn")?.split(separator: ":").last.map(String.init)
            ?? queues.values.first { $0.deadLetters?.queue == source }?.name
        guard let target, queues[source] != nil, queues[target] != nil else {
            throw Refusal(
                404, "ResourceNotFoundException", "The resource that you specified for the SourceArn doesn't exist.")
        }
        for var message in queues[source]?.messages ?? [] {
            (message.receives, message.visibleAt) = (0, ask.now)
            queues[target]?.messages.append(message)
            effects.append(Effect(ask.operation, .accepted, target, identity: message.id, message: message.body))
        }
        queues[source]?.messages = []
        return .json(["TaskHandle": .string("task-\(next())")])
    }
}

extension JSONAsk {
    /// The members of an object that are texts.
    func strings(_ name: String) -> [String: String] {
        let pairs = (input[name]?.object?.members ?? []).compactMap { pair in pair.value.string.map { (pair.key, $0) } }
        return Dictionary(pairs) { $1 }
    }

    /// The entries of a batch of SQS. Throws what is wrong with the batch itself.
    func batchEntries() throws(Refusal) -> [JSONValue] {
        let entries = input["Entries"]?.array ?? []
        guard !entries.isEmpty else { throw Refusal(400, "EmptyBatchRequest", "There should be at least one entry") }
        guard entries.count <= 10 else {
            throw Refusal(400, "TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10.")
        }
        let ids = entries.compactMap { $0["Id"]?.string }
        let isGood = { (id: String) in
            (1...80).contains(id.utf8.count)
                && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
        }
        guard ids.count == entries.count, ids.allSatisfy(isGood) else {
            throw Refusal(
                400, "InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, - and _")
        }
        guard Set(ids).count == ids.count else { throw Refusal(400, "BatchEntryIdsNotDistinct", "An id is repeated") }
        return entries
    }
}

extension JSONValue {
    /// An entry of `Failed`.
    static func failedEntry(_ id: JSONValue, _ refusal: Refusal) -> JSONValue {
        [
            "Id": id, "Code": .string(refusal.code), "Message": .string(refusal.message),
            "SenderFault": .boolean(refusal.status < 500),
        ]
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore

extension KinesisModel {
    private static let largest = 1 << 20
    private static let largestBatch = 10 << 20

    mutating func putRecord(_ ask: JSONAsk, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        _ = try shards(ask)
        return .json(try put(ask.input, ask, &effects))
    }

    mutating func putRecords(_ ask: JSONAsk, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        _ = try shards(ask)
        let records = ask.input["Records"]?.array ?? []
        guard (1...500).contains(records.count) else {
            throw Refusal(400, "ValidationException", "Member must have length less than or equal to 500")
        }
        let size = records.reduce(0) {
            $0 + ($1["Data"]?.string ?? "").utf8.count * 3 / 4 + ($1["PartitionKey"]?.string ?? "").utf8.count
        }
        guard size <= Self.largestBatch else {
            throw Refusal(400, "InvalidArgumentException", "Records size exceeds 10 MB limit")
        }
        for record in records { try prove(record) }
        let failing = ask.faults.failingEntries
        var answers: [JSONValue] = []
        for (place, record) in records.enumerated() {
            if let code = failing[place] {
                answers.append(["ErrorCode": .string(code), "ErrorMessage": "A fault was asked for"])
            } else {
                answers.append(try put(record, ask, &effects))
            }
        }
        return .json([
            "FailedRecordCount": .integer(Int64(failing.keys.filter { $0 < records.count }.count)),
            "Records": .array(answers),
        ])
    }

    private func prove(_ record: JSONValue) throws(Refusal) {
        guard let key = record["PartitionKey"]?.string, (1...256).contains(key.unicodeScalars.count) else {
            throw Refusal(400, "ValidationException", "PartitionKey must have 1 to 256 characters")
        }
        guard let bytes = record["Data"]?.string.flatMap({ base64Bytes($0) }) else {
            throw Refusal(400, "SerializationException", "Data is no base64")
        }
        guard bytes.count + key.utf8.count <= Self.largest else {
            throw Refusal(400, "ValidationException", "Member must have length less than or equal to 1048576")
        }
    }

    private mutating func put(_ record: JSONValue, _ ask: JSONAsk, _ effects: inout [Effect]) throws(Refusal)
        -> JSONValue
    {
        try prove(record)
        let key = record["PartitionKey"]?.string ?? ""
        let data = record["Data"]?.string ?? ""
        let hash = record["ExplicitHashKey"]?.string.flatMap { UInt128($0) } ?? Self.hash(key)
        let shards = try shards(ask)
        guard let place = shards.firstIndex(where: { $0.closed == nil && $0.range.contains(hash) }) else {
            throw Refusal(500, "InternalFailure", "No shard is open for this key")
        }
        let sequence = next()
        streams[ask.subject]?[place].records.append(
            KinesisRecord(sequence: sequence, key: key, data: data, arrived: ask.now))
        let text = String(decoding: base64Bytes(data) ?? [], as: UTF8.self)
        effects.append(Effect(ask.operation, .accepted, ask.subject, identity: key, message: text))
        return ["ShardId": .string(shards[place].id), "SequenceNumber": .string(KinesisShard.spelled(sequence))]
    }

    private static func hash(_ key: String) -> UInt128 {
        rawBytes(Checksum(.md5, of: Array(key.utf8))).reduce(0) { $0 << 8 | UInt128($1) }
    }

    func shardIterator(_ ask: JSONAsk) throws(Refusal) -> Reply {
        let name = ask.text("ShardId") ?? ""
        guard let shard = try shards(ask).first(where: { $0.id == name }) else {
            throw Refusal(400, "ResourceNotFoundException", "Shard \(name) in stream \(ask.subject) does not exist")
        }
        let position = try position(in: shard, ask)
        let iterator = KinesisIterator(stream: ask.subject, shard: name, position: position, issued: ask.now)
        return .json(["ShardIterator": .string(iterator.text)])
    }

    private func position(in shard: KinesisShard, _ ask: JSONAsk) throws(Refusal) -> Int {
        let start = { (holds: (KinesisRecord) -> Bool) in shard.records.firstIndex(where: holds) ?? shard.records.count
        }
        let type = ask.text("ShardIteratorType") ?? ""
        switch type {
        case "TRIM_HORIZON": return 0
        case "LATEST": return shard.records.count
        case "AT_TIMESTAMP":
            let moment = Timestamp(microseconds: Int64((ask.input["Timestamp"]?.number ?? 0) * 1_000_000))
            return start { $0.arrived >= moment }
        case "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER":
            guard let sequence = ask.text("StartingSequenceNumber").flatMap(KinesisShard.sequence) else {
                throw Refusal(400, "InvalidArgumentException", "StartingSequenceNumber is no sequence number")
            }
            return start { type == "AT_SEQUENCE_NUMBER" ? $0.sequence >= sequence : $0.sequence > sequence }
        default: throw Refusal(400, "InvalidArgumentException", "ShardIteratorType is not known")
        }
    }

    func records(_ ask: JSONAsk) throws(Refusal) -> Reply {
        guard let iterator = ask.text("ShardIterator").flatMap({ KinesisIterator($0) }) else {
            throw Refusal(400, "InvalidArgumentException", "Invalid ShardIterator.")
        }
        for case .expired in ask.faults { throw Self.expired }
        guard ask.now < iterator.issued + .seconds(300) else { throw Self.expired }
        guard let shard = streams[iterator.stream]?.first(where: { $0.id == iterator.shard }) else {
            throw Refusal(400, "ResourceNotFoundException", "The shard does not exist")
        }
        let limit = ask.number("Limit") ?? 10_000
        guard (1...10_000).contains(limit) else { throw Refusal(400, "InvalidArgumentException", "Limit is too large") }
        let start = min(iterator.position, shard.records.count)
        let end = min(shard.records.count, start + limit)
        var answer: JSONValue = [
            "Records": .array(shard.records[start..<end].map(\.shown)),
            "MillisBehindLatest": .integer(end < shard.records.count ? 1000 : 0),
        ]
        if shard.closed != nil, end == shard.records.count {
            answer["ChildShards"] = .array(children(of: shard, in: iterator.stream))
        } else {
            let next = KinesisIterator(stream: iterator.stream, shard: shard.id, position: end, issued: ask.now)
            answer["NextShardIterator"] = .string(next.text)
        }
        return .json(answer)
    }

    private func children(of shard: KinesisShard, in stream: String) -> [JSONValue] {
        (streams[stream] ?? []).filter { $0.parent == shard.id || $0.adjacentParent == shard.id }.map { child in
            let parents = [child.parent, child.adjacentParent].compactMap(\.self).map { JSONValue.string($0) }
            return ["ShardId": .string(child.id), "ParentShards": .array(parents), "HashKeyRange": child.shownRange]
        }
    }

    private static let expired = Refusal(
        400, "ExpiredIteratorException", "Iterator expired. The iterator was created more than 5 minutes ago.")
}

extension KinesisRecord {
    fileprivate var shown: JSONValue {
        [
            "SequenceNumber": .string(KinesisShard.spelled(sequence)), "PartitionKey": .string(key),
            "Data": .string(data),
            "ApproximateArrivalTimestamp": .number(Double(arrived.microseconds) / 1_000_000),
        ]
    }
}

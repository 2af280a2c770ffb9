// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Kinesis, as much of it as Granary uses. Streams and shards are active at once.
struct KinesisModel: Sendable {
    var streams: [String: [KinesisShard]] = [:]
    private var sequence: UInt64 = 1000

    /// A sequence number greater than all before.
    mutating func next() -> UInt64 {
        sequence += 1
        return sequence
    }

    mutating func answer(_ ask: JSONAsk, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        switch ask.operation {
        case .createStream: return try createStream(ask)
        case .describeStream: return .json(["StreamDescription": try description(ask, listsShards: true)])
        case .describeStreamSummary:
            return .json(["StreamDescriptionSummary": try description(ask, listsShards: false)])
        case .listShards: return try listShards(ask)
        case .putRecord: return try putRecord(ask, &effects)
        case .putRecords: return try putRecords(ask, &effects)
        case .getShardIterator: return try shardIterator(ask)
        case .getRecords: return try records(ask)
        case .splitShard: return try split(ask)
        case .mergeShards: return try merge(ask)
        default: throw Refusal(400, "UnknownOperationException", "This is not done here")
        }
    }

    func shards(_ ask: JSONAsk) throws(Refusal) -> [KinesisShard] {
        guard let shards = streams[ask.subject] else {
            throw Refusal(
                400, "ResourceNotFoundException", "Stream \(ask.subject) under account 000000000000 not found.")
        }
        return shards
    }

    private mutating func createStream(_ ask: JSONAsk) throws(Refusal) -> Reply {
        guard streams[ask.subject] == nil else {
            throw Refusal(400, "ResourceInUseException", "Stream \(ask.subject) already exists.")
        }
        open(ask.subject, shards: ask.number("ShardCount") ?? 1)
        return .json([:])
    }

    /// Makes a stream whose shards share the hash keys evenly.
    mutating func open(_ stream: String, shards: Int) {
        let count = UInt128(max(1, shards))
        let width = UInt128.max / count
        streams[stream] = (0..<count).map { place in
            let last = place == count - 1 ? UInt128.max : (place + 1) * width - 1
            return KinesisShard(id: Self.shardName(Int(place)), range: place * width...last, opened: next())
        }
    }

    private static func shardName(_ number: Int) -> String {
        let digits = String(number)
        return "shardId-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    private func description(_ ask: JSONAsk, listsShards: Bool) throws(Refusal) -> JSONValue {
        let shards = try shards(ask)
        var description: JSONValue = [
            "StreamName": .string(ask.subject), "StreamStatus": "ACTIVE", "RetentionPeriodHours": 24,
            "StreamARN": .string("arn:aws:kinesis:us-east-1:000000000000:stream/\(ask.subject)"),
            "StreamCreationTimestamp": 1_767_225_600, "EnhancedMonitoring": [],
        ]
        if listsShards {
            description["Shards"] = .array(shards.map(\.shown))
            description["HasMoreShards"] = .boolean(false)
        } else {
            description["OpenShardCount"] = .integer(Int64(shards.filter { $0.closed == nil }.count))
        }
        return description
    }

    private func listShards(_ ask: JSONAsk) throws(Refusal) -> Reply {
        var ask = ask
        var start = 0
        if let token = ask.text("NextToken") {
            guard ask.text("StreamName") == nil else {
                throw Refusal(400, "InvalidArgumentException", "NextToken and StreamName cannot be provided together.")
            }
            let parts = String(decoding: base64Bytes(token) ?? [], as: UTF8.self).split(separator: "|")
            guard parts.count == 2, let place = Int(parts[1]) else {
                throw Refusal(400, "ExpiredNextTokenException", "The token is not known")
            }
            start = place
            ask.input["StreamName"] = .string(String(parts[0]))
        }
        let all = try shards(ask)
        let end = min(all.count, start + min(ask.number("MaxResults") ?? 1000, 1000))
        var answer: JSONValue = ["Shards": .array(all[start..<end].map(\.shown))]
        if end < all.count { answer["NextToken"] = .string(base64(Array("\(ask.subject)|\(end)".utf8))) }
        return .json(answer)
    }

    private mutating func split(_ ask: JSONAsk) throws(Refusal) -> Reply {
        let shards = try shards(ask)
        guard let place = shards.firstIndex(where: { $0.id == ask.text("ShardToSplit") && $0.closed == nil }),
            let middle = ask.text("NewStartingHashKey").flatMap({ UInt128($0) }),
            shards[place].range.contains(middle), middle > shards[place].range.lowerBound
        else { throw Refusal(400, "InvalidArgumentException", "The shard cannot be split so") }
        split(place, of: ask.subject, at: middle)
        return .json([:])
    }

    /// Splits a shard in the middle.
    mutating func split(_ name: String, of stream: String) {
        guard let place = streams[stream]?.firstIndex(where: { $0.id == name && $0.closed == nil }),
            let range = streams[stream]?[place].range
        else { return }
        split(place, of: stream, at: range.lowerBound + (range.upperBound - range.lowerBound) / 2 + 1)
    }

    private mutating func split(_ place: Int, of stream: String, at middle: UInt128) {
        let shards = streams[stream] ?? []
        let range = shards[place].range
        let end = next()
        streams[stream]?[place].closed = end
        for (number, half) in [range.lowerBound...(middle - 1), middle...range.upperBound].enumerated() {
            let name = Self.shardName(shards.count + number)
            let child = KinesisShard(id: name, range: half, parent: shards[place].id, opened: next())
            streams[stream]?.append(child)
        }
    }

    private mutating func merge(_ ask: JSONAsk) throws(Refusal) -> Reply {
        let shards = try shards(ask)
        let open = { (name: String) in shards.firstIndex { $0.id == ask.text(name) && $0.closed == nil } }
        guard let one = open("ShardToMerge"), let other = open("AdjacentShardToMerge"), one != other else {
            throw Refusal(400, "InvalidArgumentException", "The shards cannot be merged")
        }
        let (left, right) = (shards[one].range, shards[other].range)
        let child = KinesisShard(
            id: Self.shardName(shards.count),
            range: min(left.lowerBound, right.lowerBound)...max(left.upperBound, right.upperBound),
            parent: shards[one].id, adjacentParent: shards[other].id, opened: next())
        for place in [one, other] { streams[ask.subject]?[place].closed = child.opened }
        streams[ask.subject]?.append(child)
        return .json([:])
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// One record of a stream.
struct KinesisRecord: Sendable {
    var sequence: UInt64
    var key: String
    /// Base64, as it came.
    var data: String
    var arrived: Timestamp
}

struct KinesisShard: Sendable {
    var id: String
    /// The hash keys that belong here, both ends included.
    var range: ClosedRange<UInt128>
    var parent: String?
    var adjacentParent: String?
    var opened: UInt64
    /// Set when the shard was split or merged: nothing comes any more.
    var closed: UInt64?
    var records: [KinesisRecord] = []

    /// Fifty-six digits, as on AWS.
    static func spelled(_ sequence: UInt64) -> String {
        let digits = String(sequence)
        return "49" + String(repeating: "0", count: 54 - digits.count) + digits
    }

    static func sequence(_ text: String) -> UInt64? { text.count == 56 ? UInt64(text.suffix(19)) : nil }

    var shown: JSONValue {
        var sequences: JSONValue = ["StartingSequenceNumber": .string(Self.spelled(opened))]
        if let closed { sequences["EndingSequenceNumber"] = .string(Self.spelled(closed)) }
        var shown: JSONValue = [
            "ShardId": .string(id), "SequenceNumberRange": sequences, "HashKeyRange": shownRange,
        ]
        if let parent { shown["ParentShardId"] = .string(parent) }
        if let adjacentParent { shown["AdjacentParentShardId"] = .string(adjacentParent) }
        return shown
    }

    var shownRange: JSONValue {
        ["StartingHashKey": .string("\(range.lowerBound)"), "EndingHashKey": .string("\(range.upperBound)")]
    }
}

/// Where a reader stands: the number of the next record of a shard.
struct KinesisIterator {
    var stream: String
    var shard: String
    var position: Int
    var issued: Timestamp

    init(stream: String, shard: String, position: Int, issued: Timestamp) {
        (self.stream, self.shard, self.position, self.issued) = (stream, shard, position, issued)
    }

    var text: String { base64(Array("\(stream)|\(shard)|\(position)|\(issued.microseconds)".utf8)) }

    init?(_ text: String) {
        let parts = String(decoding: base64Bytes(text) ?? [], as: UTF8.self).split(separator: "|").map(String.init)
        guard parts.count == 4, let position = Int(parts[2]), let issued = Int64(parts[3]) else { return nil }
        self.init(
            stream: parts[0], shard: parts[1], position: position, issued: Timestamp(microseconds: issued))
    }
}

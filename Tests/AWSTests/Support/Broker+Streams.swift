// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTesting
import Synchronization
import TestBroker

extension Broker {
    /// A new stream, once it can be used. A long pace is no use to tests: they look when they like.
    func stream(
        shards: Int = 2, checkpoints: any Checkpoints = MemoryCheckpoints()
    ) async throws -> KinesisStream {
        let name = name("stream")
        let client = client("kinesis")
        _ = try await kinesis("CreateStream", ["StreamName": .string(name), "ShardCount": .integer(Int64(shards))])
        let stream = KinesisStream(client: client, name: name, checkpoints: checkpoints, pace: .zero)
        try await settle(name)
        return stream
    }

    /// Waits until a stream has done what it was last asked for.
    private func settle(_ name: String) async throws {
        while true {
            let answer = try await kinesis("DescribeStreamSummary", ["StreamName": .string(name)])
            if answer["StreamDescriptionSummary"]?["StreamStatus"]?.string == "ACTIVE" { return }
            await Task.yield()
        }
    }

    func openShards(_ stream: KinesisStream) async throws -> [JSONValue] {
        let answer = try await kinesis("ListShards", ["StreamName": .string(stream.name)])
        return (answer["Shards"]?.array ?? []).filter {
            ($0["SequenceNumberRange"]?["EndingSequenceNumber"] ?? .null).isNull
        }
    }

    func split(_ shard: JSONValue, of stream: KinesisStream) async throws {
        let range = shard["HashKeyRange"] ?? .null
        let start = range["StartingHashKey"]?.string.flatMap { UInt128($0) } ?? 0
        let end = range["EndingHashKey"]?.string.flatMap { UInt128($0) } ?? UInt128.max
        _ = try await kinesis(
            "SplitShard",
            [
                "StreamName": .string(stream.name), "ShardToSplit": shard["ShardId"] ?? .null,
                "NewStartingHashKey": .string(String(start + (end - start) / 2 + 1)),
            ])
        try await settle(stream.name)
    }

    func merge(_ first: JSONValue, _ second: JSONValue, of stream: KinesisStream) async throws {
        _ = try await kinesis(
            "MergeShards",
            [
                "StreamName": .string(stream.name), "ShardToMerge": first["ShardId"] ?? .null,
                "AdjacentShardToMerge": second["ShardId"] ?? .null,
            ])
        try await settle(stream.name)
    }

    private func kinesis(_ action: String, _ input: JSONValue) async throws -> JSONValue {
        try await client("kinesis").call(
            action, of: .kinesis, input, doing: .init("use", input["StreamName"]?.string ?? "kinesis"))
    }
}

/// Checkpoints that live as long as the value does: as the ledger, across the deaths of what reads.
final class MemoryCheckpoints: Checkpoints {
    private let saved = Mutex<[String: String]>([:])

    var all: [String: String] { saved.withLock { $0 } }
    func checkpoint(_ name: String) async throws -> String? { saved.withLock { $0[name] } }
    func save(_ checkpoints: [String: String]) async throws {
        saved.withLock { $0.merge(checkpoints) { $1 } }
    }
}

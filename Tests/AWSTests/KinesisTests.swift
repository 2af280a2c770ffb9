// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTesting
import TestBroker
import Testing

@Suite("Kinesis") struct KinesisTests {
    @Test("a stream is a transport for messages", arguments: Broker.Kind.allCases)
    func conformance(_ kind: Broker.Kind) async throws {
        let broker = try await kind.start()
        try await MessageConformance { MessageConformance.Ends(try await broker.stream()) }.run()
    }

    @Test(
        "after a death reading goes on behind what was deleted, without a gap, and offers what was not",
        arguments: Broker.Kind.allCases)
    func death(_ kind: Broker.Kind) async throws {
        let broker = try await kind.start()
        let checkpoints = MemoryCheckpoints()
        let stream = try await broker.stream(shards: 1, checkpoints: checkpoints)
        try await send(0..<10, to: stream)
        let first = try await stream.receive(limit: 100)
        #expect(texts(first) == (0..<10).map(String.init))
        // The fourth is not done: the checkpoint stays before it, though later ones are.
        for result in await stream.delete(Array(first[0..<3] + first[4..<7])) { try result.get() }
        #expect(texts(try await stream.receive(limit: 100)) == ["3", "7", "8", "9"])
        let heir = KinesisStream(
            client: broker.client("kinesis"), name: stream.name, checkpoints: checkpoints, pace: .zero)
        #expect(texts(try await heir.receive(limit: 100)) == (3..<10).map(String.init))
    }

    @Test(
        "a stream that is split and merged while it is read gives every record once, parents before children",
        arguments: Broker.Kind.allCases)
    func resharding(_ kind: Broker.Kind) async throws {
        let broker = try await kind.start()
        let checkpoints = MemoryCheckpoints()
        var stream = try await broker.stream(shards: 1, checkpoints: checkpoints)
        var seen: [String] = []
        try await send(0..<20, to: stream)
        seen += try await drain(stream)
        try await send(20..<40, to: stream)
        seen += try await drain(stream)
        try await broker.split(try #require(try await broker.openShards(stream).first), of: stream)
        try await send(40..<60, to: stream)
        seen += try await drain(stream)
        // Whoever comes after a death has only the checkpoints.
        stream = KinesisStream(
            client: broker.client("kinesis"), name: stream.name, checkpoints: checkpoints, pace: .zero)
        let halves = try await broker.openShards(stream)
        try #require(halves.count == 2)
        try await broker.merge(halves[0], halves[1], of: stream)
        try await send(60..<80, to: stream)
        seen += try await drain(stream)
        #expect(seen.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) } == (0..<80).map(String.init))
        // One group is in one shard at a time, so its order holds across all of them.
        let group = seen.filter { (Int($0) ?? 0) % 4 == 1 }
        #expect(group == stride(from: 1, to: 80, by: 4).map(String.init))
    }

    @Test("a record that Kinesis does not take fails alone, before it is sent")
    func refusals() async throws {
        let stream = try await Broker.ministack().stream(shards: 1)
        let bodies = [[0x61], [], [UInt8](repeating: 0x61, count: 1 << 20), [0x62]]
        let results = await stream.publish(bodies.enumerated().map { OutgoingMessage(identifier: "m\($0)", body: $1) })
        #expect(results.map { (try? $0.get()) != nil } == [true, false, false, true])
        #expect(try await stream.receive(limit: 10).map(\.body) == [[0x61], [0x62]])
    }

    @Test("more records than one request takes are sent in several")
    func many() async throws {
        let stream = try await Broker.ministack().stream(shards: 2)
        try await send(0..<1100, to: stream)
        #expect(try await drain(stream).count == 1100)
    }

    private func send(_ numbers: Range<Int>, to stream: KinesisStream) async throws {
        let messages = numbers.map {
            OutgoingMessage(identifier: "m\($0)", body: Array("\($0)".utf8), group: "g\($0 % 4)")
        }
        for result in await stream.publish(messages) { _ = try result.get() }
    }

    private func texts(_ messages: [ReceivedMessage]) -> [String] {
        messages.map { String(decoding: $0.body, as: UTF8.self) }
    }

    /// Everything that is there now, received and deleted. A shard's end is seen at one look, its children at the next.
    private func drain(_ stream: KinesisStream) async throws -> [String] {
        var all: [String] = []
        var empty = 0
        while empty < 3 {
            let page = try await stream.receive(limit: 7)
            empty = page.isEmpty ? empty + 1 : 0
            all += texts(page)
            for result in await stream.delete(page) { try result.get() }
        }
        return all
    }
}

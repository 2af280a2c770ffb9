// SPDX-License-Identifier: Apache-2.0

import FaultServer
import GranaryAWS
import GranaryCore
import GranaryTesting
import Testing

/// The effect is there, and we never hear of it: it happens once, or as identical repeats under the same identifier.
@Suite("Replies that are lost") struct ReplyLostTests {
    /// Every way in which an effect can be hidden from who asked for it.
    static let losses: [Fault] = [
        .dropReply, .cut(after: 0, reset: true), .cut(after: 9), .cut(after: 60, reset: true), .statusAfterEffect(500),
        .statusAfterEffect(503, code: "SlowDown"),
    ]

    private let site: FaultSite
    private let server: FaultServer

    init() throws {
        site = try FaultSite()
        server = site.server
        server.createBucket("bucket")
        server.setSmallestPart(1)
    }

    @Test("a small file is written into a bucket once", arguments: losses.indices)
    func put(_ loss: Int) async throws {
        let outcome = try await archive(scrambled(1000), losing: Self.losses[loss], of: .putObject)
        #expect(outcome == .published || outcome == .alreadyThere)
        #expect(server.journal.effects(.created, on: "bucket/a/file").count == 1)
        #expect(server.journal.effects(.replaced, on: "bucket/a/file") == [])
        #expect(server.object("a/file", bucket: "bucket")?.bytes == scrambled(1000))
    }

    @Test("an upload in parts is completed once", arguments: losses.indices)
    func complete(_ loss: Int) async throws {
        let bytes = scrambled(20 << 20)
        let outcome = try await archive(bytes, losing: Self.losses[loss], of: .completeUpload)
        #expect(outcome == .published || outcome == .alreadyThere)
        let completed = server.journal.effects(.created, on: "bucket/a/file").filter { $0.operation == .completeUpload }
        #expect(completed.count == 1)
        #expect(server.journal.effects(.replaced, on: "bucket/a/file") == [])
        #expect(server.object("a/file", bucket: "bucket")?.bytes == bytes)
        #expect(server.uploads(bucket: "bucket") == [:])
    }

    @Test("parts and the upload itself may be lost and sent again", arguments: [Operation.createUpload, .uploadPart])
    func parts(_ operation: Operation) async throws {
        let bytes = scrambled(20 << 20)
        #expect(try await archive(bytes, losing: .dropReply, of: operation) == .published)
        #expect(server.object("a/file", bucket: "bucket")?.bytes == bytes)
        // An upload whose name was lost on the way stays until the sweep.
        _ = try await site.bucket().sweep()
        #expect(server.uploads(bucket: "bucket") == [:])
    }

    @Test("an object is deleted once, and only the one that was meant", arguments: losses.indices)
    func delete(_ loss: Int) async throws {
        server.put(scrambled(10), bucket: "bucket", keys: ["a"])
        let store = site.bucket()
        let entry = try #require(try await store.entry(at: "a"))
        server.faults.planNext(Self.losses[loss], on: .deleteObject)
        #expect(try await store.remove("a", generation: entry.generation))
        #expect(server.journal.effects(.removed, on: "bucket/a").count == 1)
    }

    @Test("a message to a standard queue is sent again as it was", arguments: losses.indices)
    func send(_ loss: Int) async throws {
        let queue = site.queue("queue")
        try await publish(to: queue, losing: Self.losses[loss], of: [.sendMessage, .sendMessageBatch])
        let accepted = server.journal.effects(.accepted, on: "queue")
        #expect(accepted.count == 6 && Set(accepted.map(\.digest)).count == 3, "each is there twice, and the same")
    }

    @Test("a message to a FIFO queue is accepted once", arguments: losses.indices)
    func sendFIFO(_ loss: Int) async throws {
        let queue = site.queue("queue.fifo")
        try await publish(to: queue, losing: Self.losses[loss], of: [.sendMessage, .sendMessageBatch])
        let accepted = server.journal.effects(.accepted, on: "queue.fifo")
        #expect(accepted.count == 3 && Set(accepted.map(\.identity)).count == 3)
        #expect(server.journal.effects(.repeated, on: "queue.fifo").map(\.identity) == accepted.map(\.identity))
        #expect(server.messages(in: "queue.fifo") == ["m0", "m1", "m2"])
    }

    @Test("a message to a topic is published again as it was", arguments: losses.indices)
    func publish(_ loss: Int) async throws {
        let topic = SNSTopic(client: site.client("sns"), arn: server.createTopic("topic"))
        try await publish(to: topic, losing: Self.losses[loss], of: [.publish, .publishBatch])
        let accepted = server.journal.effects(.accepted, on: "topic")
        #expect(accepted.count == 6 && Set(accepted.map(\.digest)).count == 3)
    }

    @Test("a message to a FIFO topic is published once", arguments: losses.indices)
    func publishFIFO(_ loss: Int) async throws {
        let topic = SNSTopic(client: site.client("sns"), arn: server.createTopic("topic.fifo"))
        try await publish(to: topic, losing: Self.losses[loss], of: [.publish, .publishBatch])
        #expect(
            server.journal.effects(.accepted, on: "topic.fifo").map(\.body)
                == ["m0", "m1", "m2"].map { Array($0.utf8) })
        #expect(server.journal.effects(.repeated, on: "topic.fifo").count == 3)
    }

    @Test("records are put again as they were, under the same keys", arguments: losses.indices)
    func putRecords(_ loss: Int) async throws {
        server.createStream("stream", shards: 3)
        let stream = KinesisStream(client: site.client("kinesis"), name: "stream")
        try await publish(to: stream, losing: Self.losses[loss], of: [.putRecord, .putRecords])
        let accepted = server.journal.effects(.accepted, on: "stream")
        #expect(accepted.count == 6 && Set(accepted.map(\.digest)).count == 3)
        for group in Dictionary(grouping: accepted, by: \.digest).values {
            #expect(Set(group.map(\.identity)).count == 1, "the partition key stays")
        }
    }

    @Test("a message is taken out of a queue once", arguments: losses.indices)
    func deleteMessage(_ loss: Int) async throws {
        let queue = site.queue("queue")
        for result in await queue.publish(messages) { _ = try result.get() }
        let received = try await queue.receive(limit: 10)
        #expect(received.count == 3)
        for operation in [Operation.deleteMessage, .deleteMessageBatch] {
            server.faults.planNext(Self.losses[loss], on: operation)
        }
        for result in await queue.delete(received) { try result.get() }
        #expect(server.journal.effects(.removed, on: "queue").count == 3)
        #expect(server.messages(in: "queue") == [])
    }
}

extension ReplyLostTests {
    private var messages: [OutgoingMessage] {
        (0..<3).map { OutgoingMessage(identifier: "id-\($0)", body: Array("m\($0)".utf8), group: "TW_L1B") }
    }

    private func publish(to publisher: any MessagePublisher, losing loss: Fault, of operations: [Operation])
        async throws
    {
        for operation in operations { server.faults.planNext(loss, on: operation) }
        for result in await publisher.publish(messages) { #expect(try result.get() != "") }
    }

    /// Stages and publishes one file, again where an error says that this helps.
    private func archive(_ bytes: [UInt8], losing loss: Fault, of operation: Operation) async throws -> PublishOutcome {
        let source = MemoryStore()
        source.put("file", bytes)
        let generation = try #require(try await source.entry(at: "file")).generation
        let store = site.bucket()
        let request = StageRequest(path: "file", generation: generation, target: "a/file")
        let probe = await store.stage([StageRequest(path: "none", generation: "", target: "a/none")], from: source)
        #expect(probe[0].error != nil)
        server.faults.planNext(loss, on: operation)
        var last: GranaryError?
        for _ in 1...3 {
            switch await store.stage([request], from: source)[0] {
            case .failure(let error): last = error
            case .success(let file):
                switch await store.publish([file])[0] {
                case .success(let outcome): return outcome
                case .failure(let error): last = error
                }
            }
            guard last?.passes == true else { break }
        }
        throw last ?? .planned()
    }
}

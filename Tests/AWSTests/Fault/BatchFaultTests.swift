// SPDX-License-Identifier: Apache-2.0

import FaultServer
import GranaryAWS
import GranaryCore
import GranaryTesting
import TestBroker
import Testing

/// Batches of which a part fails, messages that come twice, receipts and iterators that have expired.
@Suite("Batches that fail in part") struct BatchFaultTests {
    private let site: FaultSite
    private let server: FaultServer

    init() throws {
        site = try FaultSite()
        server = site.server
    }

    enum Broker: String, CaseIterable, Sendable { case queue, topic, stream }

    @Test("what is said of each message is true of it, whatever part of a batch fails", arguments: Broker.allCases)
    func sending(_ broker: Broker) async throws {
        var random = SeededGenerator.fresh()
        let publisher = publisher(broker)
        for round in 0..<40 {
            let plans = (0..<8).map { _ in (0..<10).filter { _ in random.oneIn(3) } }
            let seen =
                server.faults.calls(.sendMessageBatch) + server.faults.calls(.publishBatch)
                + server.faults.calls(.putRecords)
            server.faults.clear()
            server.faults.always { call in
                let number = call.number - seen - 1
                guard plans.indices.contains(number) else { return [] }
                return [.failEntries(Set(plans[number]), code: "InternalFailure")]
            }
            let messages = (0..<25).map { number in
                OutgoingMessage(identifier: "\(round)-\(number)", body: Array("body \(round)-\(number)".utf8))
            }
            let results = await publisher.publish(messages)
            let accepted = Set(server.journal.effects(.accepted, on: broker.rawValue).map(\.body))
            #expect(results.count == messages.count, "seed \(random.seed)")
            for (message, result) in zip(messages, results) {
                switch result {
                case .success: #expect(accepted.contains(message.body), "seed \(random.seed), \(message.identifier)")
                case .failure(let error):
                    #expect((error as? GranaryError)?.passes == true, "seed \(random.seed), \(error)")
                }
            }
        }
        let all = server.journal.effects(.accepted, on: broker.rawValue)
        #expect(
            Set(all.map(\.digest)).count == all.count, "seed \(random.seed): nothing was sent again that had been taken"
        )
    }

    @Test("a message whose deletion failed stays, the others of the batch are gone")
    func deleting() async throws {
        let queue = site.queue("queue")
        let messages = (0..<10).map { OutgoingMessage(identifier: "\($0)", body: Array("m\($0)".utf8)) }
        for result in await queue.publish(messages) { _ = try result.get() }
        let received = try await queue.receive(limit: 10)
        server.faults.always { call in
            call.operation == .deleteMessageBatch
                ? [.failEntries(call.number == 1 ? [2, 5] : [], code: "InternalError")] : []
        }
        let results = await queue.delete(received)
        let failed = zip(received, results).filter { (try? $0.1.get()) == nil }.map {
            String(decoding: $0.0.body, as: UTF8.self)
        }
        #expect(Set(server.messages(in: "queue")) == Set(failed))
        #expect(server.journal.effects(.removed, on: "queue").count == 10 - failed.count)
    }

    @Test("a message that is delivered twice has the same key, and deleting it twice does no harm")
    func twice() async throws {
        let queue = site.queue("queue")
        _ = try await queue.publish(OutgoingMessage(identifier: "1", body: Array("m".utf8)))
        server.faults.planNext(.deliverTwice, on: .receiveMessage)
        let first = try await queue.receive(limit: 10)
        let second = try await queue.receive(limit: 10)
        #expect(first.map(\.key) == second.map(\.key) && first.count == 1)
        for result in await queue.delete(first) { try result.get() }
        for result in await queue.delete(second) { try result.get() }
        #expect(server.messages(in: "queue") == [])
        #expect(server.journal.effects(.removed, on: "queue").count == 1)
    }

    @Test("a receipt that has expired loses nothing: the message comes again and can be deleted then")
    func expiredReceipt() async throws {
        let queue = site.queue("queue")
        _ = try await queue.publish(OutgoingMessage(identifier: "1", body: Array("m".utf8)))
        let first = try await queue.receive(limit: 1)
        #expect(try await queue.receive(limit: 1).isEmpty)
        server.advance(by: .seconds(121))
        let second = try await queue.receive(limit: 1)
        #expect(second.map(\.key) == first.map(\.key))
        server.faults.planNext(.expired, on: .deleteMessageBatch)
        server.faults.planNext(.expired, on: .deleteMessage)
        _ = await queue.delete(first)
        #expect(server.messages(in: "queue") == ["m"])
        for result in await queue.delete(second) { try result.get() }
        #expect(server.messages(in: "queue") == [])
    }

    @Test("work that holds a message keeps it from others for as long as it lasts")
    func held() async throws {
        let queue = site.queue("queue")
        _ = try await queue.publish(OutgoingMessage(identifier: "1", body: Array("m".utf8)))
        let received = try await queue.receive(limit: 1)
        for _ in 0..<5 {
            server.advance(by: .seconds(100))
            try await queue.extendHold(received)
            #expect(try await queue.receive(limit: 1).isEmpty)
        }
        for result in await queue.delete(received) { try result.get() }
        #expect(server.messages(in: "queue") == [])
    }

    @Test("a stream is read whole once through expired iterators, faults and splits of its shards")
    func stream() async throws {
        var random = SeededGenerator.fresh()
        server.createStream("stream", shards: 2)
        let writer = KinesisStream(client: site.client("kinesis"), name: "stream")
        let reader = KinesisStream(client: site.client("kinesis"), name: "stream", pace: .zero)
        var sent: [[UInt8]] = []
        var found: [[UInt8]] = []
        for round in 0..<30 {
            let bodies = (0..<10).map { Array("record \(round)-\($0)".utf8) }
            let messages = bodies.map {
                OutgoingMessage(identifier: "i", body: $0, group: "group \(random.next() % 20)")
            }
            for result in await writer.publish(messages) { _ = try result.get() }
            sent += bodies
            if round == 10 { server.splitShard("shardId-000000000000", of: "stream") }
            let faults: [Fault] = [.expired, .status(500), .dropReply, .cut(after: 100)]
            if random.oneIn(2) { server.faults.planNext(random.pick(faults), on: .getRecords) }
            if random.oneIn(4) { server.advance(by: .seconds(301)) }
            found += try await take(from: reader)
        }
        for _ in 0..<20 where found.count < sent.count { found += try await take(from: reader) }
        #expect(found.count == sent.count && Set(found) == Set(sent), "seed \(random.seed)")
    }

    private func take(from reader: KinesisStream) async throws -> [[UInt8]] {
        let received = try await reader.receive(limit: 1000)
        for result in await reader.delete(received) { try result.get() }
        return received.map(\.body)
    }

    private func publisher(_ broker: Broker) -> any MessagePublisher {
        switch broker {
        case .queue: return site.queue("queue")
        case .topic: return SNSTopic(client: site.client("sns"), arn: server.createTopic("topic"))
        case .stream:
            server.createStream("stream", shards: 2)
            return KinesisStream(client: site.client("kinesis"), name: "stream")
        }
    }
}

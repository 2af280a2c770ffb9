// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTesting
import TestBroker
import Testing

@Suite("SQS") struct SQSTests {
    @Test(
        "a queue of either kind is a transport for messages", arguments: Broker.Kind.allCases, [false, true])
    func conformance(_ kind: Broker.Kind, fifo: Bool) async throws {
        let broker = try await kind.start()
        try await MessageConformance {
            let queue = try await broker.queue(fifo: fifo)
            let receiver = RecordingReceiver(queue)
            var ends = MessageConformance.Ends(publisher: queue, receiver: receiver)
            ends.expireHolds = { await receiver.expireHolds() }
            return ends
        }.run()
    }

    @Test("a wrong secret is refused, and the error names neither it nor the signature")
    func wrongSecret() async throws {
        let broker = try await Broker.ministack()
        let queue = try await broker.queue()
        let wrong = AWSCredentials(accessKey: broker.credentials.accessKey, secretKey: Secret("canary-4711"))
        let intruder = SQSQueue(client: broker.client("sqs", credentials: wrong), url: queue.url)
        let error = try await #require(throws: GranaryError.self) { try await intruder.receive(limit: 1) }
        #expect(error.code == .credentialsRefused && error.disposition == .stop)
        #expect(!"\(error) \(String(reflecting: error))".contains("canary"))
        let results = await intruder.publish([OutgoingMessage(identifier: "a", body: [0x61])])
        #expect(throws: GranaryError.self) { try results[0].get() }
    }

    @Test("a queue that does not exist is not found", arguments: Broker.Kind.allCases)
    func missing(_ kind: Broker.Kind) async throws {
        let client = try await kind.start().client("sqs")
        let error = try await #require(throws: GranaryError.self) {
            try await SQSQueue.named("no-such-queue", client: client)
        }
        #expect(error.code == .notFound)
    }

    @Test("a message that SQS does not carry fails alone, before it is sent")
    func uncarried() async throws {
        let queue = try await Broker.ministack().queue()
        let bodies: [[UInt8]] = [
            Array("good".utf8), [0x61, 0x01], [0xFF], [], Array("\u{FFFE}".utf8),
            Array(repeating: 0x61, count: 1 << 20),
            Array(repeating: 0x61, count: (1 << 20) + 1), Array("also \u{1F6F0} good".utf8),
        ]
        let results = await queue.publish(
            bodies.enumerated().map { OutgoingMessage(identifier: "m\($0)", body: $1) })
        let dispositions = results.map { result -> GranaryError.Disposition? in
            if case .failure(let error as GranaryError) = result { error.disposition } else { nil }
        }
        #expect(
            dispositions == [nil, .quarantine, .quarantine, .quarantine, .quarantine, nil, .quarantine, nil])
        #expect(try await queue.receive(limit: 30).count == 3)
    }

    @Test("messages come in the order of their group from a FIFO queue, and a repeat of one sending is dropped")
    func order() async throws {
        let queue = try await Broker.ministack().queue(fifo: true)
        let messages = (0..<25).map { OutgoingMessage(identifier: "m\($0)", body: Array("\($0)".utf8), group: "g") }
        for result in await queue.publish(messages + messages) { _ = try result.get() }
        var again = messages[3]
        again.occasion = 1
        _ = try await queue.publish(again)
        var seen: [String] = []
        while case let page = try await queue.receive(limit: 10), !page.isEmpty {
            seen += page.map { String(decoding: $0.body, as: UTF8.self) }
            for result in await queue.delete(page) { try result.get() }
        }
        #expect(seen == (0..<25).map(String.init) + ["3"])
    }

    @Test("a held message is hidden, comes back under its key once the hold is over, and not while it is extended")
    func holding() async throws {
        let broker = try await Broker.ministack()
        let queue = try await broker.queue(hold: .seconds(60))
        _ = try await queue.publish(OutgoingMessage(identifier: "a", body: Array("a".utf8)))
        let held = try await queue.receive(limit: 1)
        #expect(held.count == 1 && held[0].sentAt != nil)
        #expect(try await queue.receive(limit: 1).isEmpty)
        for result in await queue.changeVisibility(of: held, to: .seconds(1)) { try result.get() }
        try await queue.extendHold(held)
        let visible = try await broker.queueWaiting(queue, for: .milliseconds(1500))
        #expect(visible.isEmpty, "the hold was extended beyond its first second")
        for result in await queue.changeVisibility(of: held, to: .zero) { try result.get() }
        #expect(try await queue.receive(limit: 1).map(\.key) == held.map(\.key))
    }

    @Test(
        "what was received too often lies in the dead-letter queue, and comes back by a redrive",
        arguments: Broker.Kind.allCases, [false, true])
    func deadLetters(_ kind: Broker.Kind, fifo: Bool) async throws {
        let broker = try await kind.start()
        let dead = try await broker.queue(fifo: fifo)
        let deadArn = try await dead.state().arn
        let policy: JSONValue = ["deadLetterTargetArn": .string(deadArn), "maxReceiveCount": 1]
        let queue = try await broker.queue(fifo: fifo, attributes: ["RedrivePolicy": policy.text])
        #expect(try await queue.state().redrive == .init(deadLetterArn: deadArn, receives: 1))
        let message = OutgoingMessage(identifier: "a", body: Array("a".utf8), attributes: ["COLLECTION": "TW_L1B"])
        _ = try await queue.publish(message)
        let first = try await queue.receive(limit: 1)
        _ = await queue.changeVisibility(of: first, to: .zero)
        #expect(try await queue.receive(limit: 1).isEmpty)
        #expect(try await dead.state().waiting == 1)
        #expect(try await queue.redrive(from: dead) == .done(1))
        #expect(try await queue.receive(limit: 1).map(\.body) == [message.body])
        #expect(try await dead.state().waiting == 0)
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTesting
import TestBroker
import Testing

@Suite("SNS") struct SNSTests {
    @Test(
        "a topic with a queue behind it is a transport for messages, as they are or in SNS's envelope",
        arguments: Broker.Kind.allCases, [false, true])
    func conformance(_ kind: Broker.Kind, raw: Bool) async throws {
        let broker = try await kind.start()
        try await MessageConformance {
            let (topic, queue) = try await broker.topic(raw: raw)
            let receiver = RecordingReceiver(queue) { raw ? $0 : unwrapped($0) }
            var ends = MessageConformance.Ends(publisher: topic, receiver: receiver)
            ends.expireHolds = { await receiver.expireHolds() }
            return ends
        }.run()
    }

    @Test("a FIFO topic keeps the order of a group and drops a repeat of one sending", arguments: Broker.Kind.allCases)
    func fifo(_ kind: Broker.Kind) async throws {
        let (topic, queue) = try await kind.start().topic(fifo: true, raw: true)
        let messages = (0..<12).map { OutgoingMessage(identifier: "m\($0)", body: Array("\($0)".utf8), group: "g") }
        for result in await topic.publish(messages) { _ = try result.get() }
        var seen: [String] = []
        while case let page = try await queue.receive(limit: 10), !page.isEmpty {
            seen += page.map { String(decoding: $0.body, as: UTF8.self) }
            for result in await queue.delete(page) { try result.get() }
        }
        #expect(seen == (0..<12).map(String.init))
    }

    @Test("attributes travel with the message, in the envelope as CNM's receivers read them")
    func attributes() async throws {
        let (topic, queue) = try await Broker.ministack().topic(raw: false)
        let attributes = ["COLLECTION": "TW_L1B", "CNM_RESPONSE_STATUS": "SUCCESS", "trace": ""]
        let message = OutgoingMessage(identifier: "a", body: Array("{}".utf8), attributes: attributes)
        _ = try await topic.publish(message)
        let envelope = try JSONValue(parsing: try await queue.receive(limit: 1)[0].body)
        #expect(envelope["Message"]?.string == "{}")
        #expect(envelope["MessageAttributes"]?["COLLECTION"]?["Value"]?.string == "TW_L1B")
        #expect(envelope["MessageAttributes"]?.object?.count == 2)
    }

    @Test("a message that SNS does not carry fails alone, and a topic that is not there fails all")
    func refusals() async throws {
        let (topic, queue) = try await Broker.ministack().topic(raw: true)
        let long = [UInt8](repeating: 0x61, count: (256 << 10) + 1)
        let messages = [Array("good".utf8), long, [0x00], Array("fine".utf8)].enumerated().map {
            OutgoingMessage(identifier: "m\($0)", body: $1)
        }
        let results = await topic.publish(messages)
        #expect(results.map { (try? $0.get()) != nil } == [true, false, false, true])
        #expect(try await queue.receive(limit: 10).count == 2)
        let gone = SNSTopic(client: try await Broker.ministack().client("sns"), arn: topic.arn + "-gone")
        let error = try await #require(throws: GranaryError.self) { try await gone.publish(messages[0]) }
        #expect(error.code == .notFound)
    }

    private func unwrapped(_ body: [UInt8]) -> [UInt8] {
        Array(((try? JSONValue(parsing: body))?["Message"]?.string ?? "").utf8)
    }
}

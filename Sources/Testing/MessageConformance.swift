// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// The contract of `MessagePublisher` and `MessageReceiver`, checked on two ends of one queue.
public struct MessageConformance: Sendable {
    /// The two ends, as one value.
    public struct Ends: Sendable {
        public var publisher: any MessagePublisher
        public var receiver: any MessageReceiver
        /// Lets the hold of received messages run out, where the queue hides them meanwhile.
        public var expireHolds: @Sendable () async throws -> Void = {}

        public init(publisher: any MessagePublisher, receiver: any MessageReceiver) {
            self.publisher = publisher
            self.receiver = receiver
        }

        public init(_ queue: some MessagePublisher & MessageReceiver) { self.init(publisher: queue, receiver: queue) }
    }

    private let make: @Sendable () async throws -> Ends

    /// - Parameter make: a new empty queue for each call.
    public init(make: @escaping @Sendable () async throws -> Ends) { self.make = make }

    public func run() async throws {
        for check in Self.checks { try await check.run(on: try await make()) }
    }

    public static let checks: [ConformanceCheck<Ends>] = [
        ConformanceCheck("an empty queue gives nothing") { ends, expect in
            try expect(try await ends.receiver.receive(limit: 10).isEmpty, "a message came out of an empty queue")
        },
        ConformanceCheck("a message comes out as it went in, and stays until it is deleted") { ends, expect in
            let body = Array("{\"identifier\": \"\u{E9}\", \"n\": 1}\n".utf8)
            _ = try await ends.publisher.publish(OutgoingMessage(identifier: "one", body: body))
            let first = try await ends.receiver.receive(limit: 10)
            try expect(first.map(\.body) == [body], "\(first.count) messages came, or other bytes")
            try await ends.expireHolds()
            let again = try await ends.receiver.receive(limit: 10)
            try expect(again.map(\.key) == first.map(\.key), "the message did not stay under its key")
            for message in again { try await ends.receiver.delete(message) }
            try expect(try await ends.receiver.receive(limit: 10).isEmpty, "the message is still there")
        },
        ConformanceCheck("sending the same message twice does no harm") { ends, expect in
            let message = OutgoingMessage(identifier: "twice", body: [123, 125])
            let first = try await ends.publisher.publish(message)
            let second = try await ends.publisher.publish(message)
            try expect(!first.isEmpty && !second.isEmpty, "the broker gave no identifier")
            let received = try await ends.receiver.receive(limit: 10)
            try expect(!received.isEmpty, "the message is not there")
            try expect(received.allSatisfy { $0.body == message.body }, "a message has other bytes")
        },
        ConformanceCheck("deleting twice does no harm, and touches no other message") { ends, expect in
            for name in ["a", "b"] {
                _ = try await ends.publisher.publish(OutgoingMessage(identifier: name, body: Array(name.utf8)))
            }
            let all = try await ends.receiver.receive(limit: 10)
            let first = try expect.value(all.first { $0.body == Array("a".utf8) }, "the first message is missing")
            try await ends.receiver.delete(first)
            try await ends.receiver.delete(first)
            try await ends.expireHolds()
            let rest = try await ends.receiver.receive(limit: 10)
            try expect(rest.map(\.body) == [Array("b".utf8)], "\(rest.count) messages are left, or another one")
        },
        ConformanceCheck("a batch has one result for each message, in order") { ends, expect in
            let bodies = (0..<23).map { Array("{\"n\": \($0)}".utf8) }
            let messages = bodies.enumerated().map { OutgoingMessage(identifier: "batch-\($0)", body: $1) }
            let results = await ends.publisher.publish(messages)
            try expect(results.count == 23, "23 messages have \(results.count) results")
            for result in results { try expect(!(try result.get()).isEmpty, "the broker gave no identifier") }
            var seen: [[UInt8]] = []
            while seen.count < 23 {
                let page = try await ends.receiver.receive(limit: 10)
                try expect(!page.isEmpty, "only \(seen.count) messages came")
                seen += page.map(\.body)
                for result in await ends.receiver.delete(page) { try result.get() }
            }
            try expect(Set(seen) == Set(bodies) && seen.count == 23, "\(seen.count) messages came, or others")
        },
        ConformanceCheck("no more messages come than were asked for, and all come in the end") { ends, expect in
            for index in 0..<25 {
                _ = try await ends.publisher.publish(
                    OutgoingMessage(identifier: "m\(index)", body: Array("\(index)".utf8)))
            }
            var seen: Set<[UInt8]> = []
            while seen.count < 25 {
                let page = try await ends.receiver.receive(limit: 10)
                try expect(!page.isEmpty && page.count <= 10, "a page has \(page.count) messages")
                for message in page {
                    seen.insert(message.body)
                    try await ends.receiver.delete(message)
                }
            }
        },
    ]
}

// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTesting
import TestBroker
import Testing

@Suite("Message boxes in buckets") struct BucketMessageBoxTests {
    enum Home: String, Sendable, CaseIterable {
        case ministack, seaweedfs

        func start() async throws -> Broker {
            switch self {
            case .ministack: try await Broker.ministack()
            case .seaweedfs: Broker(try await S3Service.seaweed())
            }
        }
    }

    @Test("a bucket is a transport for messages", arguments: Home.allCases)
    func conformance(_ home: Home) async throws {
        let broker = try await home.start()
        try await MessageConformance {
            let bucket = try await broker.bucket()
            return MessageConformance.Ends(box(broker, bucket, prefix: "cnm/in"))
        }.run()
    }

    @Test("the same message again is a success, another one under its identifier a conflict", arguments: Home.allCases)
    func repeats(_ home: Home) async throws {
        let broker = try await home.start()
        let box = box(broker, try await broker.bucket())
        let message = OutgoingMessage(identifier: "a", body: Array("{}".utf8))
        #expect(try await box.publish(message) == "a.json")
        #expect(try await box.publish(message) == "a.json")
        for body in ["{\"other\": 1}", "[]"] {
            let other = OutgoingMessage(identifier: "a", body: Array(body.utf8))
            let error = try await #require(throws: GranaryError.self) { try await box.publish(other) }
            #expect(error.code == .stateConflict)
        }
        #expect(try await box.receive(limit: 10).map(\.body) == [message.body])
    }

    @Test("what can't be a message is moved aside with the reason, and keeps nobody waiting", arguments: Home.allCases)
    func refused(_ home: Home) async throws {
        let broker = try await home.start()
        let bucket = try await broker.bucket()
        let told = Lines<GranaryError>()
        let box = BucketMessageBox(client: broker.client("s3"), bucket: bucket, prefix: "in") { told.add([$0]) }
        try await broker.put(String(repeating: "x", count: (1 << 20) + 1).utf8, bucket: bucket, key: "in/a-long.json")
        try await broker.put("half".utf8, bucket: bucket, key: "in/b.json.part")
        try await broker.put("nested".utf8, bucket: bucket, key: "in/sub/c.json")
        try await broker.put("{}".utf8, bucket: bucket, key: "in/d partner's.json")
        #expect(try await box.receive(limit: 10).map(\.key) == ["d partner's.json"])
        #expect(told.take().map(\.code) == [.limitReached])
        #expect(try await box.receive(limit: 10).count == 1 && told.take().isEmpty)
        let kept = BucketMessageBox(client: broker.client("s3"), bucket: bucket, prefix: "in/refused") { _ in }
        #expect(try await kept.receive(limit: 10).map(\.key) == ["a-long.json.reason.txt"])
    }

    @Test(
        "a message that was replaced since it was received is another one, and is not deleted", arguments: Home.allCases
    )
    func replaced(_ home: Home) async throws {
        let broker = try await home.start()
        let bucket = try await broker.bucket()
        let box = box(broker, bucket)
        try await broker.put("old".utf8, bucket: bucket, key: "m.json")
        let received = try await box.receive(limit: 1)
        try await broker.put("new".utf8, bucket: bucket, key: "m.json")
        for result in await box.delete(received) { try result.get() }
        #expect(try await box.receive(limit: 1).map(\.body) == [Array("new".utf8)])
    }

    @Test("an identifier that can't be a name is refused", arguments: ["a/b", "..", ".hidden", ""])
    func names(_ identifier: String) async throws {
        let broker = try await Broker.ministack()
        let box = box(broker, "no-such-bucket")
        let message = OutgoingMessage(identifier: identifier, body: [0x7B])
        let error = try await #require(throws: GranaryError.self) { try await box.publish(message) }
        #expect(error.code == .pathRefused && error.disposition == .quarantine)
    }

    private func box(_ broker: Broker, _ bucket: String, prefix: String = "") -> BucketMessageBox {
        BucketMessageBox(client: broker.client("s3"), bucket: bucket, prefix: prefix) { _ in }
    }
}

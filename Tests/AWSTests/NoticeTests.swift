// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import TestBroker
import Testing

@testable import GranaryAWS

@Suite("Notices of buckets") struct NoticeTests {
    @Test("every form of a notice is read, all records of it, with keys as they are")
    func forms() {
        let expected: [ObjectNotice] = [
            .init(bucket: "b", key: "in/a b+ü.nc", isRemoval: false),
            .init(bucket: "b", key: "in/gone.nc", isRemoval: true),
        ]
        let direct = Self.records(["in/a+b%2B%C3%BC.nc": "ObjectCreated:Put", "in/gone.nc": "ObjectRemoved:Delete"])
        #expect(notices(direct) == Set(expected))
        #expect(notices(["Type": "Notification", "Message": .string(direct.text)]) == Set(expected))
        let twice: JSONValue = ["Message": .string(JSONValue.string(direct.text).text)]
        #expect(notices(["Message": .string(twice.text)]) == Set(expected))
        let event: JSONValue = [
            "source": "aws.s3", "detail-type": "Object Created",
            "detail": ["bucket": ["name": "b"], "object": ["key": "in/a b+ü.nc", "size": 3]],
        ]
        #expect(notices(event) == [expected[0]])
        #expect(notices(["Message": .string(event.text)]) == [expected[0]])
    }

    @Test("keys decode in each server's spelling, and one that is not encoded at all stays itself")
    func spellings() {
        for key in ["a+b%2F%C3%BC.nc", "a+b/%C3%BC.nc", "a b/ü.nc"] {
            #expect(notices(Self.records([key: "ObjectCreated:Put"])).map(\.key) == ["a b/ü.nc"])
        }
        #expect(notices(Self.records(["50%.nc": "ObjectCreated:Put"])).map(\.key) == ["50%.nc"])
    }

    @Test("the test event is nothing, and what is no notice is unreadable")
    func others() {
        let test: JSONValue = ["Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"]
        #expect(BucketMessage(test.bytes()) == .test)
        #expect(BucketMessage(JSONValue.object(["Message": .string(test.text)]).bytes()) == .test)
        for text in ["", "{}", "[1]", "not json", #"{"Message": "hello"}"#, #"{"Records": [{"kinesis": {}}]}"#] {
            #expect(BucketMessage(Array(text.utf8)) == .unreadable, "\(text)")
        }
        #expect(BucketMessage(Array(#"{"Records": []}"#.utf8)) == .notices([]))
    }

    @Test("a notice wakes a watcher once it is noted, and names the finished file once")
    func waking() async throws {
        let (notices, queue, troubles) = try await watched()
        try await send(Self.records(["in/a.nc": "ObjectCreated:Put"]), to: queue)
        await notices.wait(atMost: .seconds(3600))
        #expect(notices.wasClosed("a.nc") && !notices.wasClosed("a.nc") && !notices.wasClosed("b.nc"))
        #expect(try await queue.state().waiting == 0)
        let state = try await queue.state()
        #expect(state.waiting + state.held == 0)
        #expect(troubles.take().isEmpty)
    }

    @Test("what concerns another prefix or bucket, and the test event, wake nobody")
    func others() async throws {
        let (notices, queue, troubles) = try await watched()
        let test: JSONValue = ["Event": "s3:TestEvent"]
        let elsewhere = Self.records(["elsewhere/a.nc": "ObjectCreated:Put"])
        let other = Self.records(["in/a.nc": "ObjectCreated:Put"], bucket: "other")
        for message in [test, elsewhere, other] { try await send(message, to: queue) }
        let waiting = Task { await notices.wait(atMost: .seconds(3600)) }
        while try await queue.state().total > 0 { await Task.yield() }
        try await send(Self.records(["in/z.nc": "ObjectCreated:Put"]), to: queue)
        await waiting.value
        #expect(notices.wasClosed("z.nc") && !notices.wasClosed("a.nc"))
        #expect(troubles.take().isEmpty)
    }

    @Test("a message that is no notice wakes too, is told, and goes; a queue that is gone leaves the watcher its pace")
    func trouble() async throws {
        let (notices, queue, troubles) = try await watched()
        _ = try await queue.publish(OutgoingMessage(identifier: "x", body: Array("hello".utf8)))
        await notices.wait(atMost: .seconds(3600))
        #expect(troubles.take().map(\.code) == [.invalid])
        let gone = SQSQueue(client: try await Broker.ministack().client("sqs"), url: queue.url + "-gone")
        let lost = BucketNotices(queue: gone, bucket: "b") { troubles.add([$0]) }
        await lost.wait(atMost: .milliseconds(1200))
        #expect(troubles.take().map(\.code) == [.notFound])
    }

    @Test("a bucket's own notices, as MiniStack sends them, wake the watcher")
    func ownNotices() async throws {
        let broker = try await Broker.ministack()
        let queue = try await broker.queue()
        let bucket = try await broker.bucket(notifying: queue)
        let notices = BucketNotices(queue: queue, bucket: bucket, prefix: "in") { _ in }
        try await broker.put("x".utf8, bucket: bucket, key: "in/a b+ü.nc")
        await notices.wait(atMost: .seconds(3600))
        #expect(notices.wasClosed("a b+ü.nc"))
    }

    private func watched() async throws -> (BucketNotices, SQSQueue, Lines<GranaryError>) {
        let queue = try await Broker.ministack().queue()
        let troubles = Lines<GranaryError>()
        return (BucketNotices(queue: queue, bucket: "b", prefix: "in") { troubles.add([$0]) }, queue, troubles)
    }

    private func send(_ json: JSONValue, to queue: SQSQueue) async throws {
        _ = try await queue.publish(OutgoingMessage(identifier: "m", body: json.bytes()))
    }

    private func notices(_ json: JSONValue) -> Set<ObjectNotice> {
        if case .notices(let notices) = BucketMessage(json.bytes()) { Set(notices) } else { [] }
    }

    private static func records(_ events: [String: String], bucket: String = "b") -> JSONValue {
        [
            "Records": .array(
                events.map { key, name in
                    [
                        "eventSource": "aws:s3", "eventName": .string(name),
                        "s3": ["bucket": ["name": .string(bucket)], "object": ["key": .string(key)]],
                    ]
                })
        ]
    }
}

extension SQSQueueState {
    var total: Int { waiting + held + delayed }
}

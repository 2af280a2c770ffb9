// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import GranaryTransfer
import TestBroker
import Testing

@testable import GranaryAWS

/// A bucket whose notices go to EventBridge, and from there by a rule to a queue: on MiniStack, from end to end.
@Suite("Notices by EventBridge") struct EventBridgeNoticeTests {
    @Test("an object that is written wakes the watcher by way of EventBridge, and its name is what it is")
    func endToEnd() async throws {
        let broker = try await Broker.ministack()
        let (queue, bucket) = (try await broker.queue(), try await broker.bucket())
        try await route(bucket, to: queue, broker)
        let notices = BucketNotices(queue: queue, bucket: bucket, prefix: "in") { Issue.record($0) }
        try await broker.put("x".utf8, bucket: bucket, key: "in/a b+ü.nc")
        await notices.wait(atMost: .seconds(60))
        #expect(notices.wasClosed("a b+ü.nc"))
        let state = try await queue.state()
        #expect(state.waiting + state.held == 0)
    }

    @Test("what comes from there is EventBridge's own form")
    func form() async throws {
        let broker = try await Broker.ministack()
        let (queue, bucket) = (try await broker.queue(), try await broker.bucket())
        try await route(bucket, to: queue, broker)
        try await broker.put("x".utf8, bucket: bucket, key: "in/a b+ü.nc")
        let message = try #require(try await broker.queueWaiting(queue, for: .seconds(30)).first)
        let json = try JSONValue(parsing: message.body)
        #expect(json["source"]?.string == "aws.s3" && json["detail-type"]?.string == "Object Created", "\(json)")
        #expect(
            BucketMessage(message.body)
                == .notices([ObjectNotice(bucket: bucket, key: "in/a b+ü.nc", isRemoval: false)]))
    }

    /// A rule that gives a queue what the bucket tells EventBridge.
    private func route(_ bucket: String, to queue: SQSQueue, _ broker: Broker) async throws {
        let arn = try await queue.state().arn
        let rule = broker.name("rule")
        let (events, pattern) = (
            broker.client("events"), #"{"source":["aws.s3"],"detail":{"bucket":{"name":["\#(bucket)"]}}}"#
        )
        let answer = try await events.call(
            "PutRule", of: .events, ["Name": .string(rule), "EventPattern": .string(pattern), "State": "ENABLED"],
            doing: .init("make", rule))
        try await broker.allow("events.amazonaws.com", source: answer["RuleArn"]?.string ?? "", queue, arn)
        let targets = try await events.call(
            "PutTargets", of: .events, ["Rule": .string(rule), "Targets": [["Id": "queue", "Arn": .string(arn)]]],
            doing: .init("set the target of", rule))
        try #require(targets["FailedEntryCount"] == 0)
        var request = AWSRequest("PUT", bucket: bucket)
        request.query = [QueryItem("notification")]
        request.body = .bytes(
            Array("<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>".utf8))
        _ = try await broker.client("s3").exchange(request, doing: .init("set the notices of", bucket))
    }
}

extension JSONProtocol {
    fileprivate static let events = JSONProtocol(target: "AWSEvents", version: "1.1")
}

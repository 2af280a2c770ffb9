// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import GranaryTransfer

@testable import GranaryAWS

/// A bucket of MiniStack which tells a queue of each object that is written.
struct NoticingBucket: Sendable {
    let server: TestServer
    let bucket: String
    let queue: String

    init() async throws {
        server = try await TestServer.start("ministack")
        let word = SystemRandomness().identifier().prefix(8)
        (bucket, queue) = ("bucket-\(word)", "notices-\(word)")
        let arn = "arn:aws:sqs:\(server["REGION"]):\(server["ACCOUNT"]):\(queue)"
        let policy: JSONValue = [
            "Version": "2012-10-17",
            "Statement": [
                [
                    "Effect": "Allow", "Principal": ["Service": "s3.amazonaws.com"], "Action": "sqs:SendMessage",
                    "Resource": .string(arn),
                    "Condition": ["ArnEquals": ["aws:SourceArn": .string("arn:aws:s3:::\(bucket)")]],
                ]
            ],
        ]
        _ = try await client("sqs").call(
            "CreateQueue", of: .sqs,
            ["QueueName": .string(queue), "Attributes": ["Policy": .string(policy.text)]], doing: .init("make", queue))
        _ = try await client("s3").exchange(AWSRequest("PUT", bucket: bucket), doing: .init("make", bucket))
        var request = AWSRequest("PUT", bucket: bucket)
        request.query = [QueryItem("notification")]
        request.body = .bytes(
            Array(
                ("<NotificationConfiguration><QueueConfiguration><Id>all</Id><Queue>\(arn)</Queue>"
                    + "<Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>").utf8))
        _ = try await client("s3").exchange(request, doing: .init("set the notices of", bucket))
    }

    private func client(_ service: String) -> AWSClient {
        AWSClient(
            AWSEndpoint(region: server["REGION"], url: server["URL"]), service: service,
            credentials: FixedCredentials(
                AWSCredentials(accessKey: server["KEY"], secretKey: Secret(server["SECRET"]))))
    }

    func put(_ key: String, _ bytes: [UInt8]) async throws {
        var request = AWSRequest("PUT", bucket: bucket, path: "/" + percentEncoded(key, keeping: .path))
        request.body = .bytes(bytes)
        _ = try await client("s3").exchange(request, doing: .init("write", key))
    }

    /// Messages that lie in the queue or are somebody's.
    func waiting() async throws -> Int {
        let state = try await SQSQueue.named(queue, client: client("sqs")).state()
        return state.waiting + state.held
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTransfer

extension DemoCloud {
    /// Makes buckets, queues, topic and stream. What is there already is taken as it is.
    func prepare() async throws {
        let objects = try client("s3")
        for bucket in [Self.incoming, Self.letters] + Self.vaults {
            var request = AWSRequest("PUT", bucket: bucket)
            request.accepted = [409]
            _ = try await objects.exchange(request, doing: .init("make the bucket", bucket))
        }
        let queue = "arn:aws:sqs:\(Self.region):\(account):\(Self.answers)"
        try await makeQueue(Self.submissions, ["FifoQueue": "true"])
        try await makeQueue(Self.answers, ["Policy": .string(policy(queue).text)])
        let topics = try client("sns")
        _ = try await topics.query(
            "CreateTopic", version: "2010-03-31", [QueryItem("Name", Self.answers)],
            doing: .init("make the topic", topic))
        _ = try await topics.query(
            "Subscribe", version: "2010-03-31",
            [QueryItem("TopicArn", topic), QueryItem("Protocol", "sqs"), QueryItem("Endpoint", queue)],
            doing: .init("subscribe a queue to", topic))
        try await makeStream()
    }

    /// Without it SNS may not put anything into the queue.
    private func policy(_ queue: String) -> JSONValue {
        [
            "Version": "2012-10-17",
            "Statement": [
                [
                    "Effect": "Allow", "Principal": ["Service": "sns.amazonaws.com"], "Action": "sqs:SendMessage",
                    "Resource": .string(queue), "Condition": ["ArnEquals": ["aws:SourceArn": .string(topic)]],
                ]
            ],
        ]
    }

    private func makeQueue(_ name: String, _ attributes: JSONObject) async throws {
        _ = try await client("sqs").call(
            "CreateQueue", of: .sqs, ["QueueName": .string(name), "Attributes": .object(attributes)],
            doing: .init("make the queue", name))
    }

    private func makeStream() async throws {
        let streams = try client("kinesis")
        let name = JSONValue.string(Self.products)
        _ = try await streams.call(
            "CreateStream", of: .kinesis, ["StreamName": name, "ShardCount": 2], doing: .init("make", Self.products))
        while true {
            let answer = try await streams.call(
                "DescribeStreamSummary", of: .kinesis, ["StreamName": name], doing: .init("look at", Self.products))
            guard answer["StreamDescriptionSummary"]?["StreamStatus"]?.string != "ACTIVE" else { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Puts the files of a folder into the incoming bucket, as a provider would. Returns how many went, and how many a
    /// bucket cannot hold: links, pipes, and names that are no UTF-8.
    func deliver(_ folder: String) async throws -> (put: Int, left: Int) {
        let (objects, staging) = (try client("s3"), try LocalStore(root: folder))
        var (put, left) = (0, 0)
        for try await page in staging.entries() {
            for entry in page {
                guard entry.kind == .file, entry.path.text != nil else {
                    left += 1
                    continue
                }
                var request = AWSRequest(
                    "PUT", bucket: Self.incoming, path: "/" + percentEncoded(entry.path.bytes, keeping: .path))
                request.body = .bytes(try await staging.read(entry.path, limit: Limits.manifestBytes))
                _ = try await objects.exchange(request, doing: .init("deliver", "\(entry.path)"))
                put += 1
            }
        }
        return (put, left)
    }

    private func client(_ service: String) throws -> AWSClient {
        let isObjects = service == "s3"
        let prefix = isObjects ? "GRANARY_DEMO_S3" : "GRANARY_DEMO_AWS"
        guard let key = environment("\(prefix)_KEY"), let secret = environment("\(prefix)_SECRET") else {
            throw GranaryError(
                .invalid, "The environment has no \(prefix)_KEY and \(prefix)_SECRET.", subject: prefix,
                remedy: "Run `scripts/demo --cloud`, which starts the servers and sets them.")
        }
        return AWSClient(
            AWSEndpoint(region: Self.region, url: isObjects ? s3 : messages), service: service,
            credentials: FixedCredentials(AWSCredentials(accessKey: key, secretKey: Secret(secret))))
    }
}

// SPDX-License-Identifier: Apache-2.0

import FaultServer
import GranaryAWS
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

/// Nothing that a server says leads to another host than the configured one. The canary is a server that nobody may visit.
@Suite("Other hosts") struct HostTests {
    private let site: FaultSite
    private let canary: FaultServer

    init() throws {
        site = try FaultSite()
        canary = try FaultServer()
        site.server.put(scrambled(100), bucket: "bucket", keys: ["a"])
    }

    @Test("no redirect of a bucket is followed to another host", arguments: [301, 302, 303, 307, 308])
    func bucket(_ status: Int) async throws {
        redirectEverything(status)
        let store = site.bucket()
        await #expect(throws: GranaryError.self) { for try await _ in store.entries() {} }
        await #expect(throws: GranaryError.self) { try await store.entry(at: "a") }
        await #expect(throws: GranaryError.self) { try await store.read("a", limit: 1000) }
        let generation = "\(Checksum(.md5, of: scrambled(100)).hex)/100/1767225600"
        await #expect(throws: GranaryError.self) {
            try await store.send("a", generation: generation, from: 0, to: DigestSink(.sha256))
        }
        await #expect(throws: GranaryError.self) { try await store.remove("a", generation: generation) }
        let request = StageRequest(path: "a", generation: generation, target: "b")
        #expect(await store.stage([request], from: store)[0].error != nil)
        #expect(canary.connections == 0)
    }

    @Test("no redirect of a queue or a topic is followed to another host", arguments: [301, 302, 303, 307, 308])
    func messages(_ status: Int) async throws {
        redirectEverything(status)
        let queue = site.queue("queue")
        let message = OutgoingMessage(identifier: "1", body: Array("secret".utf8))
        await #expect(throws: GranaryError.self) { try await queue.publish(message) }
        await #expect(throws: GranaryError.self) { try await queue.receive(limit: 1) }
        let topic = SNSTopic(client: site.client("sns"), arn: site.server.createTopic("topic"))
        await #expect(throws: GranaryError.self) { try await topic.publish(message) }
        #expect(canary.connections == 0)
    }

    @Test("the URL of a queue names the queue, and not where its requests go")
    func queueURL() async throws {
        site.server.createQueue("queue")
        let queue = SQSQueue(client: site.client("sqs"), url: "\(canary.url)/000000000000/queue", wait: .zero)
        _ = try await queue.publish(OutgoingMessage(identifier: "1", body: Array("m".utf8)))
        #expect(try await queue.receive(limit: 1).count == 1)
        #expect(canary.connections == 0)
    }

    @Test(
        "link-local addresses are refused before anything leaves, however they are written",
        arguments: [
            "169.254.169.254", "169.254.170.2", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "0xa9.254.43518",
            "169.254.43518", "[::ffff:169.254.169.254]", "[::169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[fe80::1]",
            "[fe80::1%25lo]", "[fd00:ec2::254]", "[2002:a9fe:a9fe::1]",
        ])
    func linkLocal(_ host: String) async throws {
        let store = S3Store(site.client("s3", retry: RetryPolicy(attempts: 1), url: "http://\(host)"), bucket: "bucket")
        let error = await #expect(throws: GranaryError.self) { try await store.entry(at: "a") }
        #expect(error?.code == "address.refused", "\(error.map(String.init(describing:)) ?? "")")
    }

    private func redirectEverything(_ status: Int) {
        let target = canary.url + "/bucket/a"
        site.server.faults.always { _ in [.redirect(to: target, status: status)] }
    }
}

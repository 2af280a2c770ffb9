// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTesting
import GranaryTransfer
import TestBroker
import Testing

/// On moto, whose jobs end at once and well; nothing else here speaks AWS Batch.
@Suite("AWS Batch") struct BatchTests {
    @Test("a job is submitted, looked at and ended")
    func jobs() async throws {
        let broker = try await Broker.moto()
        let batch = BatchClient(client: broker.client("batch"))
        var submission = BatchClient.Submission(
            name: broker.name("job"), queue: try await queue(broker), definition: try await definition(broker))
        submission.command = ["true"]
        submission.environment = ["GRANULE": "TW_L1B"]
        submission.tags = ["granary": "test"]
        submission.attempts = 2
        submission.timeout = .seconds(600)
        let id = try await batch.submit(submission)
        var job = try #require(try await batch.describe([id, "no-such-job"]).first)
        #expect(job.id == id && job.name == submission.name && job.created != nil)
        for _ in 0..<1000 where !job.state.isEnd {
            job = try #require(try await batch.describe([id]).first)
        }
        #expect(job.state == .succeeded)
        try await batch.terminate(id, reason: "it has ended already, and that does no harm")
        #expect(try await batch.describe([]).isEmpty)
    }

    @Test("a job for a queue that is not there is refused, with the service's words")
    func refusal() async throws {
        let broker = try await Broker.moto()
        let batch = BatchClient(client: broker.client("batch"))
        let submission = BatchClient.Submission(name: "j", queue: "no-such-queue", definition: "no-such-definition")
        let error = try await #require(throws: GranaryError.self) { try await batch.submit(submission) }
        #expect(error.disposition == .stop && error.awsFault?.code == "ClientException")
    }

    private func queue(_ broker: Broker) async throws -> String {
        let role = "arn:aws:iam::\(broker.account):role/batch"
        _ = try? await broker.client("iam").query(
            "CreateRole", version: "2010-05-08",
            [QueryItem("RoleName", "batch"), QueryItem("AssumeRolePolicyDocument", "{}")], doing: .init("make", role))
        let (environment, queue) = (broker.name("environment"), broker.name("queue"))
        let made = try await call(
            broker, "createcomputeenvironment",
            [
                "computeEnvironmentName": .string(environment), "type": "UNMANAGED", "state": "ENABLED",
                "serviceRole": .string(role),
            ])
        _ = try await call(
            broker, "createjobqueue",
            [
                "jobQueueName": .string(queue), "state": "ENABLED", "priority": 1,
                "computeEnvironmentOrder": [
                    ["order": 1, "computeEnvironment": made["computeEnvironmentArn"] ?? .null]
                ],
            ])
        return queue
    }

    private func definition(_ broker: Broker) async throws -> String {
        let name = broker.name("definition")
        _ = try await call(
            broker, "registerjobdefinition",
            [
                "jobDefinitionName": .string(name), "type": "container",
                "containerProperties": ["image": "busybox", "vcpus": 1, "memory": 128, "command": ["true"]],
            ])
        return name
    }

    private func call(_ broker: Broker, _ action: String, _ input: JSONValue) async throws -> JSONValue {
        var request = AWSRequest("POST", path: "/v1/\(action)")
        request.headers = [TransferHeader("Content-Type", "application/json")]
        request.body = .bytes(input.bytes())
        return try JSONValue(
            parsing: try await broker.client("batch").exchange(request, doing: .init("call", action)).body)
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTransfer

/// AWS Batch: jobs given to it, looked at, ended.
public struct BatchClient: Sendable {
    private let client: AWSClient

    /// - Parameter client: of the service `batch`.
    public init(client: AWSClient) { self.client = client }

    /// A job to be.
    public struct Submission: Sendable, Hashable {
        /// At most 128 letters, digits, `-` and `_`.
        public var name: String
        /// Name or ARN.
        public var queue: String
        /// Name, `name:revision`, or ARN.
        public var definition: String
        /// Program and arguments in place of the definition's; nil for these.
        public var command: [String]?
        /// Variables besides those of the definition. Whoever may look at the job sees them: no place for secrets.
        public var environment: [String: String]
        /// For the placeholders (`Ref::name`) of the definition's command.
        public var parameters: [String: String]
        public var tags: [String: String]
        /// How often Batch itself tries, 1 to 10.
        public var attempts: Int?
        /// For each try, at least 60 seconds; nil for the definition's.
        public var timeout: Duration?

        public init(name: String, queue: String, definition: String) {
            (self.name, self.queue, self.definition) = (name, queue, definition)
            (command, attempts, timeout) = (nil, nil, nil)
            (environment, parameters, tags) = ([:], [:], [:])
        }
    }

    /// Gives the job's identifier. Batch drops no repeats: after a lost reply the outcome is unknown, and it is not sent
    /// again by itself.
    public func submit(_ submission: Submission) async throws -> String {
        let answer = try await call(
            "submitjob", submission.json, .init("submit a job to", submission.queue), isRepeatable: false)
        guard let id = answer["jobId"]?.string else {
            throw AWSFault.unanswered.error(doing: "submit a job to", subject: submission.queue)
        }
        return id
    }

    /// What Batch says of jobs; those that it does not know any more are left out. Any number of them.
    public func describe(_ ids: [String]) async throws -> [BatchJob] {
        var jobs: [BatchJob] = []
        for batch in BatchLimits(count: 100, bytes: .max).batches(of: ids.map { _ in 0 }) {
            let answer = try await call(
                "describejobs", ["jobs": .array(ids[batch].map(JSONValue.string))],
                .init("look at the job", ids[batch.lowerBound]))
            jobs += (answer["jobs"]?.array ?? []).compactMap(BatchJob.init)
        }
        return jobs
    }

    /// Ends a job, in whatever state; one that has ended stays as it is.
    public func terminate(_ id: String, reason: String) async throws {
        _ = try await call(
            "terminatejob", ["jobId": .string(id), "reason": .string(reason)], .init("end the job", id))
    }

    private func call(
        _ action: String, _ input: JSONValue, _ doing: AWSClient.Doing, isRepeatable: Bool = true
    ) async throws -> JSONValue {
        var request = AWSRequest("POST", path: "/v1/\(action)")
        request.headers = [TransferHeader("Content-Type", "application/json")]
        request.body = .bytes(input.bytes())
        request.isRepeatable = isRepeatable
        return try AWSClient.json(try await client.exchange(request, limit: 16 << 20, doing: doing), doing)
    }
}

extension BatchClient.Submission {
    fileprivate var json: JSONValue {
        var json: JSONValue = [
            "jobName": .string(name), "jobQueue": .string(queue), "jobDefinition": .string(definition),
            "parameters": Self.object(parameters), "tags": Self.object(tags),
        ]
        var overrides: JSONValue = [
            "environment": .array(
                environment.sorted { $0.key < $1.key }.map { ["name": .string($0.key), "value": .string($0.value)] })
        ]
        if let command { overrides["command"] = .array(command.map(JSONValue.string)) }
        json["containerOverrides"] = overrides
        if let attempts { json["retryStrategy"] = ["attempts": .integer(Int64(attempts))] }
        if let timeout { json["timeout"] = ["attemptDurationSeconds": .integer(timeout.components.seconds)] }
        return json
    }

    private static func object(_ values: [String: String]) -> JSONValue {
        .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}

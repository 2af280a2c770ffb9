// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// What AWS Batch says of one job.
public struct BatchJob: Sendable, Hashable {
    public var id: String
    public var name: String
    public var state: State
    /// Why it is in this state, in Batch's words.
    public var reason: String?
    /// Of the container; nil until it has ended.
    public var exitCode: Int?
    /// Where its output is: a stream of CloudWatch Logs.
    public var logStream: String?
    public var created: Timestamp?
    public var started: Timestamp?
    public var stopped: Timestamp?

    /// In Batch's own words.
    public enum State: String, Sendable, Hashable {
        case submitted = "SUBMITTED"
        case pending = "PENDING"
        case runnable = "RUNNABLE"
        case starting = "STARTING"
        case running = "RUNNING"
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"

        /// True when nothing happens to the job any more.
        public var isEnd: Bool { self == .succeeded || self == .failed }
    }

    /// Nil for what is no job in a state that we know.
    init?(_ json: JSONValue) {
        guard let id = json["jobId"]?.string, let state = json["status"]?.string.flatMap(State.init) else { return nil }
        self.id = id
        self.state = state
        name = json["jobName"]?.string ?? ""
        reason = json["statusReason"]?.string ?? json["container"]?["reason"]?.string
        exitCode = json["container"]?["exitCode"]?.integer.map { Int($0) }
        logStream = json["container"]?["logStreamName"]?.string
        func moment(_ member: String) -> Timestamp? {
            json[member]?.number.map { Timestamp(microseconds: Int64($0 * 1000)) }
        }
        (created, started, stopped) = (moment("createdAt"), moment("startedAt"), moment("stoppedAt"))
    }
}

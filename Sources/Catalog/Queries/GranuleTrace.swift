// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// Everything the ledger knows of one granule, from its first arrival to the last answer of a partner.
public struct GranuleTrace: Sendable, Hashable {
    public var granule: GranuleRecord
    public var arrivals: [ArrivalRecord]
    public var files: [FileRecord]
    /// Of the granule and of everything below, in the order in which they happened.
    public var events: [EventRecord]
    public var firings: [RuleFiring]
    /// The job that made it, when one did.
    public var producer: JobTrace?
    /// The jobs that read it.
    public var consumers: [JobTrace]
    public var submissions: [SubmissionTrace]
    /// The granules that it was made from.
    public var parents: [GranuleRecord]
    /// The granules that were made from it.
    public var children: [GranuleRecord]
}

/// A row of `event`.
public struct EventRecord: Sendable, Hashable, Identifiable {
    public var id: Int64
    public var at: Timestamp
    public var subject: Subject
    public var subjectID: Int64
    public var from: String?
    public var to: String
    public var cause: Cause

    public init(row: SQLRow) throws {
        id = try row.int64("id")
        at = try row.time("at")
        subject = try row.word("subject")
        subjectID = try row.int64("subject_id")
        from = try row.optionalText("from_state")
        to = try row.text("to_state")
        cause = Cause(try row.text("cause"), by: try row.text("actor"), detail: try row.optionalText("detail"))
    }
}

/// A row of `rule_firing`: a rule saw an input and started a job, once for ever.
public struct RuleFiring: Sendable, Hashable, Identifiable {
    public var id: Int64
    public var rule: String
    public var ruleVersion: String
    public var inputKey: String
    public var jobID: Int64
    public var firedAt: Timestamp

    public init(row: SQLRow) throws {
        id = try row.int64("id")
        rule = try row.text("rule")
        ruleVersion = try row.text("rule_version")
        inputKey = try row.text("input_key")
        jobID = try row.int64("job_id")
        firedAt = try row.time("fired_at")
    }
}

/// A job with its tries.
public struct JobTrace: Sendable, Hashable {
    public var job: JobRecord
    public var attempts: [JobAttemptRecord]
}

/// A row of `job_attempt`: one try of a job.
public struct JobAttemptRecord: Sendable, Hashable, Identifiable {
    public var id: Int64
    /// From 1.
    public var number: Int
    public var directory: String
    public var command: String
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    public var exitCode: Int64?
    public var failureClass: FailureClass?
    public var error: String?

    public init(row: SQLRow) throws {
        id = try row.int64("id")
        number = try row.int("number")
        directory = try row.text("directory")
        command = try row.text("command")
        startedAt = try row.time("started_at")
        endedAt = try row.optionalTime("ended_at")
        exitCode = try row.optionalInt64("exit_code")
        failureClass = try row.optionalWord("failure_class")
        error = try row.optionalText("error")
    }
}

/// A submission with its sends and what came back.
public struct SubmissionTrace: Sendable, Hashable {
    public var submission: SubmissionRecord
    public var attempts: [SubmissionAttemptRecord]
    public var responses: [ResponseRecord]
}

/// A row of `submission_attempt`: one send.
public struct SubmissionAttemptRecord: Sendable, Hashable, Identifiable {
    public var id: Int64
    /// From 1.
    public var number: Int
    public var at: Timestamp
    public var brokerID: String?
    public var error: String?

    public init(row: SQLRow) throws {
        id = try row.int64("id")
        number = try row.int("number")
        at = try row.time("at")
        brokerID = try row.optionalText("broker_id")
        error = try row.optionalText("error")
    }
}

/// A row of `response`: one answer of a partner, and what was made of it.
public struct ResponseRecord: Sendable, Hashable, Identifiable {
    public var id: Int64
    public var messageID: Int64
    public var submissionID: Int64?
    public var identifier: String?
    public var status: String?
    public var errorCode: String?
    public var error: String?
    public var verdict: String
    /// JSON lists as text.
    public var deviations: String
    public var findings: String
    public var handledAt: Timestamp

    public init(row: SQLRow) throws {
        id = try row.int64("id")
        messageID = try row.int64("message_in_id")
        submissionID = try row.optionalInt64("submission_id")
        identifier = try row.optionalText("identifier")
        status = try row.optionalText("status")
        errorCode = try row.optionalText("error_code")
        error = try row.optionalText("error")
        verdict = try row.text("verdict")
        deviations = try row.text("deviations")
        findings = try row.text("findings")
        handledAt = try row.time("handled_at")
    }
}

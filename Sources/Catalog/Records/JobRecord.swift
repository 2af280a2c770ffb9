// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// One execution of a process: a row of `job`.
public struct JobRecord: Sendable, Hashable, Identifiable {
    public var id: Int64
    public var process: String
    public var processVersion: String
    public var rule: String?
    public var state: JobState
    public var processingType: ProcessingType
    public var priority: Int
    /// JSON text.
    public var parameters: String
    public var acceptedAt: Timestamp
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var failureClass: FailureClass?
    public var error: String?
    /// The first line of `error`, cut to a length that groups well.
    public var shortError: String?

    public init(row: SQLRow) throws {
        id = try row.int64("id")
        process = try row.text("process")
        processVersion = try row.text("process_version")
        rule = try row.optionalText("rule")
        state = try row.word("state")
        processingType = try row.word("processing_type")
        priority = try row.int("priority")
        parameters = try row.text("parameters")
        acceptedAt = try row.time("accepted_at")
        startedAt = try row.optionalTime("started_at")
        endedAt = try row.optionalTime("ended_at")
        failureClass = try row.optionalWord("failure_class")
        error = try row.optionalText("error")
        shortError = try row.optionalText("short_error")
    }
}

extension SQLSession {
    public func job(_ id: Int64) throws -> JobRecord? {
        try first("SELECT * FROM job WHERE id = ?", [id]).map(JobRecord.init(row:))
    }

    /// The granules that a job reads, oldest first.
    public func inputs(ofJob id: Int64) throws -> [GranuleRecord] {
        try query(
            "SELECT g.* FROM granule g JOIN job_input i ON i.granule_id = g.id WHERE i.job_id = ? ORDER BY g.id", [id]
        ).map(GranuleRecord.init(row:))
    }

    /// The granules that a job made.
    public func outputs(ofJob id: Int64) throws -> [GranuleRecord] {
        try query("SELECT * FROM granule WHERE job_id = ? ORDER BY id", [id]).map(GranuleRecord.init(row:))
    }
}

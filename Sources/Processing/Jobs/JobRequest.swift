// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore

/// A wish for one job.
public struct JobRequest: Sendable, Hashable {
    public var process: Process
    /// The rule that asks for it, if one does.
    public var rule: String?
    /// Rows of `granule`.
    public var inputs: [Int64]
    public var parameters: JSONObject
    public var priority: Int
    public var processingType: ProcessingType

    public init(
        process: Process, rule: String? = nil, inputs: [Int64], parameters: JSONObject = [:], priority: Int = 0,
        processingType: ProcessingType = .forward
    ) {
        self.process = process
        self.rule = rule
        self.inputs = inputs
        self.parameters = parameters
        self.priority = priority
        self.processingType = processingType
    }
}

extension SQLSession {
    /// Makes a job with its inputs and its work, and returns its row. `dueAt` is on the steady scale.
    public func createJob(_ request: JobRequest, at moment: Timestamp, dueAt: Timestamp, because cause: Cause) throws
        -> Int64
    {
        let id = try insert(
            """
            INSERT INTO job (process, process_version, rule, state, processing_type, priority, parameters, accepted_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
            """,
            [
                request.process.id, request.process.version, request.rule, JobState.accepted, request.processingType,
                request.priority, JSONValue.object(request.parameters).text, moment,
            ])
        guard let id else { preconditionFailure("an insert without a conflict clause returned no id") }
        for granule in request.inputs {
            try execute("INSERT INTO job_input (job_id, granule_id) VALUES (?, ?)", [id, granule])
        }
        try born(.job, id, as: JobState.accepted, at: moment, because: cause)
        try enqueue(.runJob, subject: id, priority: request.priority, dueAt: dueAt, at: moment)
        return id
    }
}

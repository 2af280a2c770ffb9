// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// The moments that one transaction writes.
struct Moments: Sendable {
    /// For people.
    let now: Timestamp
    /// For due times and leases.
    let steady: Timestamp

    init(_ catalog: Catalog) {
        now = catalog.clock.now()
        steady = catalog.steady.now()
    }
}

/// Every move of a job that is in a worker's hands. Each passes the fence first: a stale claim can move nothing.
extension SQLSession {
    func begin(running assignment: Assignment, _ arguments: [String], at moments: Moments) throws {
        try fence(assignment.work)
        try execute(
            "UPDATE job_attempt SET command = ? WHERE id = ?",
            [JSONValue.array(arguments.map { .string($0) }).text, assignment.attempt])
        try move(
            .job, assignment.job.id, from: JobState.staging, to: .running, at: moments.now,
            because: assignment.cause("command started"))
    }

    func begin(publishing assignment: Assignment, at moments: Moments) throws {
        try fence(assignment.work)
        try move(
            .job, assignment.job.id, from: JobState.running, to: .publishing, at: moments.now,
            because: assignment.cause("command ended well"))
    }

    func succeed(_ assignment: Assignment, at moments: Moments) throws {
        try fence(assignment.work)
        try close(assignment, exitCode: 0, nil, error: nil, at: moments)
        try move(
            .job, assignment.job.id, from: JobState.publishing, to: .successful, at: moments.now,
            because: assignment.cause("products archived"),
            set: [("ended_at", moments.now), ("error", nil), ("short_error", nil)])
        try finish(assignment.work, .completed, at: moments.steady)
    }

    /// Ends the attempt; the job is tried again when its process says so, or fails.
    func fail(_ assignment: Assignment, _ failure: JobFailure, randomness: any Randomness, at moments: Moments) throws {
        try fence(assignment.work)
        try close(assignment, exitCode: failure.exitCode, failure.kind, error: failure.message, at: moments)
        let state = try currentState(of: assignment)
        if let delay = try delay(after: failure, of: assignment, randomness) {
            try move(
                .job, assignment.job.id, from: state, to: .accepted, at: moments.now,
                because: assignment.cause("attempt failed", detail: failure.short),
                set: [("error", failure.message), ("short_error", failure.short)])
            try finish(
                assignment.work, .retryable(at: moments.steady + delay, error: failure.short), at: moments.steady)
        } else {
            try giveUp(assignment.job.id, assignment.work, from: state, failure, by: assignment.actor, at: moments)
        }
    }

    /// Returns the job unharmed, as at shutdown: the attempt counts as no failure.
    func handBack(_ assignment: Assignment, at moments: Moments) throws {
        try fence(assignment.work)
        try close(assignment, exitCode: nil, nil, error: "Interrupted by the service's own shutdown.", at: moments)
        try move(
            .job, assignment.job.id, from: try currentState(of: assignment), to: .accepted, at: moments.now,
            because: assignment.cause("handed back"))
        try finish(assignment.work, .handedBack, at: moments.steady)
    }

    /// Fails a job for good, until an operator retries it.
    func giveUp(
        _ job: Int64, _ work: WorkItem, from state: JobState, _ failure: JobFailure, by actor: String,
        at moments: Moments
    ) throws {
        try move(
            .job, job, from: state, to: .failed, at: moments.now,
            because: Cause("failed", by: actor, detail: failure.short),
            set: [
                ("ended_at", moments.now), ("failure_class", failure.kind), ("error", failure.message),
                ("short_error", failure.short),
            ])
        try finish(work, .discarded(error: failure.short), at: moments.steady)
    }

    /// How many of the latest failed attempts were lost, or were not. A claim that counts is a failed attempt, so the
    /// claims of the job's present life name the attempts of its present life.
    func failures(ofJob id: Int64, inLast claims: Int, lost: Bool) throws -> Int {
        try count(
            """
            SELECT COUNT(*) AS n FROM (
                SELECT failure_class FROM job_attempt WHERE job_id = ? AND failure_class IS NOT NULL
                ORDER BY number DESC LIMIT ?) AS recent
            WHERE (failure_class = 'lost') = (? = 1)
            """,
            [id, claims, lost])
    }

    private func delay(after failure: JobFailure, of assignment: Assignment, _ randomness: any Randomness) throws
        -> Duration?
    {
        guard !failure.isPermanent, assignment.process.retried.contains(failure.kind) else { return nil }
        let failures = try failures(ofJob: assignment.job.id, inLast: assignment.work.attempt, lost: false)
        return assignment.process.retry.delay(afterAttempt: failures, randomness: randomness)
    }

    private func close(
        _ assignment: Assignment, exitCode: Int32?, _ kind: FailureClass?, error: String?, at moments: Moments
    ) throws {
        try execute(
            "UPDATE job_attempt SET ended_at = ?, exit_code = ?, failure_class = ?, error = ? WHERE id = ?",
            [moments.now, exitCode, kind, error, assignment.attempt])
    }

    private func currentState(of assignment: Assignment) throws -> JobState {
        try job(assignment.job.id)?.state ?? assignment.job.state
    }
}

extension Assignment {
    var actor: String { "worker" }
    func cause(_ what: String, detail: String? = nil) -> Cause {
        Cause(what, by: actor, detail: detail ?? "attempt \(number)")
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// How a claim on a job begins: with a new attempt, or with the end of the matter.
struct JobStart: Sendable {
    let processes: ProcessRegister
    /// The directory of all work directories.
    let root: String
    let moments: Moments

    private static let actor = "worker"

    /// Opens a new attempt, in one transaction. Nil when there is nothing to run; the work is then ended.
    ///
    /// A job that is found under way belonged to a worker that is dead: its attempt is closed as `lost` and the job
    /// starts again from `accepted`.
    func open(_ work: WorkItem, in session: any SQLSession) throws -> Assignment? {
        try session.fence(work)
        guard let found = try session.job(work.subjectID), !isOver(found) else { return try end(work, in: session) }
        if found.state != .accepted {
            guard try recover(found, work, in: session) else { return nil }
        }
        guard let process = processes[found.process, version: found.processVersion] else {
            return try refuse(found, work, in: session)
        }
        return try begin(found, process, work, in: session)
    }

    private func isOver(_ job: JobRecord) -> Bool { [.successful, .failed, .dismissed].contains(job.state) }

    private func end(_ work: WorkItem, in session: any SQLSession) throws -> Assignment? {
        try session.finish(work, .completed, at: moments.steady)
        return nil
    }

    /// False when too many attempts were lost: then the job itself may be what kills the service, and it fails.
    private func recover(_ job: JobRecord, _ work: WorkItem, in session: any SQLSession) throws -> Bool {
        let lost = JobFailure(.lost, "The service ended while the job was \(job.state.rawValue).")
        try session.execute(
            "UPDATE job_attempt SET ended_at = ?, failure_class = ?, error = ? WHERE job_id = ? AND ended_at IS NULL",
            [moments.now, lost.kind, lost.message, job.id])
        guard try session.failures(ofJob: job.id, inLast: work.attempt - 1, lost: true) < Limits.lostAttempts else {
            try session.giveUp(job.id, work, from: job.state, lost, by: Self.actor, at: moments)
            return false
        }
        try session.move(
            .job, job.id, from: job.state, to: .accepted, at: moments.now,
            because: Cause("attempt lost", by: Self.actor, detail: lost.message))
        return true
    }

    private func refuse(_ job: JobRecord, _ work: WorkItem, in session: any SQLSession) throws -> Assignment? {
        let failure = JobFailure(
            .validation,
            "Process \(job.process) version \(job.processVersion) is not defined.\nDefine it again, then retry the job."
        )
        try session.giveUp(job.id, work, from: .accepted, failure, by: Self.actor, at: moments)
        return nil
    }

    private func begin(_ job: JobRecord, _ process: Process, _ work: WorkItem, in session: any SQLSession) throws
        -> Assignment?
    {
        let number = try session.count(
            "SELECT COALESCE(MAX(number), 0) + 1 AS n FROM job_attempt WHERE job_id = ?", [job.id])
        let directory = JobDirectory(root: root, job: job.id, attempt: number)
        let attempt = try session.insert(
            """
            INSERT INTO job_attempt (job_id, number, directory, command, started_at) VALUES (?, ?, ?, '[]', ?)
            RETURNING id
            """,
            [job.id, number, directory.path, moments.now])
        guard let attempt else { preconditionFailure("an insert without a conflict clause returned no id") }
        try session.move(
            .job, job.id, from: JobState.accepted, to: .staging, at: moments.now,
            because: Cause("attempt started", by: Self.actor, detail: "attempt \(number)"),
            set: [("started_at", job.startedAt ?? moments.now)])
        let inputs = try session.inputs(ofJob: job.id).map {
            Assignment.Input(granule: $0, files: try session.files(ofGranule: $0.id))
        }
        return Assignment(
            work: work, job: job, process: process, attempt: attempt, number: number, directory: directory,
            inputs: inputs)
    }
}

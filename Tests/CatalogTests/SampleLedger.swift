// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting

let noon = Timestamp(seconds: 1_767_268_800)

/// A small ledger in which everything has happened once and nothing is wrong: two granules archived, one in quarantine,
/// a job that made the second granule from the first, a submission acknowledged and one on its way, a message answered.
struct SampleLedger {
    let temporary: TemporaryCatalog
    let clock: ManualClock

    init() async throws {
        clock = ManualClock(noon)
        temporary = try TemporaryCatalog(clock: clock)
        try await catalog.write { session in
            let first = try session.archive("G1", job: nil, size: 100)
            let job = try session.runJob(on: first)
            let second = try session.archive("G2", job: job, size: 50)
            try session.setAside("bad.nc")
            try session.deliver(first, to: "daac", acknowledged: true)
            try session.deliver(second, to: "daac", acknowledged: false)
            try session.answerMessage()
            for reason in ["why", "why not"] {
                try session.audit(
                    AuditEntry(
                        at: noon, actor: "ada", action: "job retry", subject: "job \(job)", reason: reason,
                        outcome: "done"))
            }
        }
    }

    var catalog: Catalog { temporary.catalog }

    /// Does what no part of Granary can: changes rows past the ledger, with constraints and triggers off.
    func damage(_ statements: [String]) async throws {
        _ = try await catalog.write { session in
            try session.query("PRAGMA ignore_check_constraints = ON")
        }
        try await catalog.write { session in
            for table in ["event", "operator_action"] {
                for act in ["update", "delete"] { try session.execute("DROP TRIGGER \(table)_refuses_\(act)") }
            }
            for statement in statements { try session.execute(statement) }
        }
    }
}

private let by = Cause("sample", by: "test")

extension SQLSession {
    fileprivate func archive(_ name: String, job: Int64?, size: Int64) throws -> Int64 {
        let granule =
            try insert(
                """
                INSERT INTO granule (collection, version, name, state, provider, processing_type, readiness,
                    verification, job_id, sensed_start, sensed_end, west, south, east, north, metadata, available_at, observed_at,
                    settled_at, verified_at, archived_at)
                VALUES ('SST', '1', ?, 'archived', 'P', ?, 'manifest', 'provider', ?, ?, ?, 10.0, 20.0, 30.0, 40.0,
                    '{"cycle":7,"mode":"HR"}', ?, ?, ?, ?, ?) RETURNING id
                """,
                [
                    name, job == nil ? ProcessingType.forward : .reprocessing, job, noon, noon + .seconds(60), noon,
                    noon,
                    noon, noon, noon,
                ]) ?? 0
        try born(.granule, granule, as: GranuleState.archived, at: noon, because: by)
        try archiveFile(of: granule, named: "\(name).nc", size: size)
        return granule
    }

    private func archiveFile(of granule: Int64, named name: String, size: Int64) throws {
        let entry = StoreEntry(path: BytePath(name), kind: .file, size: size, modified: noon, generation: "1")
        let identity = ArrivalIdentity(
            collection: CollectionID(name: "SST", version: "1"), granule: name, fileName: BytePath(name),
            fileType: .data)
        let arrival =
            try insertArrival(source: "staging", entry: entry, identity: identity, at: noon, steady: noon, by: "test")
            ?? 0
        try move(.arrival, arrival, from: ArrivalState.observed, to: .verifying, at: noon, because: by)
        try move(
            .arrival, arrival, from: ArrivalState.verifying, to: .archived, at: noon, because: by,
            set: [("ended_at", noon), ("granule_id", granule)])
        let digest = Checksum(.sha256, of: Array(name.utf8))
        try execute(
            """
            INSERT INTO file (granule_id, arrival_id, name, type, size, archive_path, sha256, provided_checksum,
                verification)
            VALUES (?, ?, ?, 'data', ?, ?, ?, ?, 'provider')
            """,
            [granule, arrival, BytePath(name), size, BytePath("SST/\(name)"), digest, digest])
    }

    fileprivate func setAside(_ name: String) throws {
        let entry = StoreEntry(path: BytePath(name), kind: .file, size: 3, modified: noon, generation: "1")
        let arrival =
            try insertArrival(source: "staging", entry: entry, identity: nil, at: noon, steady: noon, by: "test") ?? 0
        try move(
            .arrival, arrival, from: ArrivalState.observed, to: .quarantined, at: noon, because: by,
            set: [("ended_at", noon), ("reason_code", "checksum.mismatch"), ("reason", "no"), ("remedy", "look")])
    }

    fileprivate func runJob(on granule: Int64) throws -> Int64 {
        let job =
            try insert(
                """
                INSERT INTO job (process, process_version, rule, state, processing_type, accepted_at)
                VALUES ('regrid', '1', 'all', 'accepted', 'forward', ?) RETURNING id
                """, [noon]) ?? 0
        try born(.job, job, as: JobState.accepted, at: noon, because: by)
        try execute("INSERT INTO job_input (job_id, granule_id) VALUES (?, ?)", [job, granule])
        try execute(
            "INSERT INTO rule_firing (rule, rule_version, input_key, job_id, fired_at) VALUES ('all', '1', ?, ?, ?)",
            ["granule/\(granule)", job, noon])
        try enqueue(.runJob, subject: job, dueAt: noon)
        let work = try claimWork(WorkClaim(.runJob, owner: "worker", now: noon))[0]
        try execute(
            """
            INSERT INTO job_attempt (job_id, number, directory, command, started_at, ended_at, exit_code)
            VALUES (?, 1, 'jobs/1', 'regrid', ?, ?, 0)
            """, [job, noon, noon])
        for (from, to) in [(JobState.accepted, JobState.staging), (.staging, .running), (.running, .publishing)] {
            try move(.job, job, from: from, to: to, at: noon, because: by)
        }
        try move(
            .job, job, from: JobState.publishing, to: .successful, at: noon, because: by,
            set: [("started_at", noon), ("ended_at", noon)])
        try finish(work, .completed, at: noon)
        return job
    }

    fileprivate func deliver(_ granule: Int64, to destination: String, acknowledged: Bool) throws {
        let submission =
            try insert(
                """
                INSERT INTO submission (granule_id, destination, identifier, state, body, created_at)
                VALUES (?, ?, ?, 'pending', ?, ?) RETURNING id
                """, [granule, destination, "id-\(granule)", Array("{}".utf8), noon]) ?? 0
        try born(.submission, submission, as: SubmissionState.pending, at: noon, because: by)
        try enqueue(.sendSubmission, subject: submission, dueAt: noon)
        guard acknowledged else { return }
        let work = try claimWork(WorkClaim(.sendSubmission, owner: "worker", now: noon))[0]
        try execute(
            "INSERT INTO submission_attempt (submission_id, number, at, broker_id) VALUES (?, 1, ?, 'm-1')",
            [submission, noon])
        try move(
            .submission, submission, from: SubmissionState.pending, to: .sent, at: noon, because: by,
            set: [("sent_at", noon), ("due_at", noon + .seconds(3600)), ("attempts", 1)])
        try finish(work, .completed, at: noon)
        let message = try receive("r-1")
        try execute(
            """
            INSERT INTO response (message_in_id, submission_id, identifier, status, verdict, handled_at)
            VALUES (?, ?, ?, 'SUCCESS', 'applied', ?)
            """, [message, submission, "id-\(granule)", noon])
        try move(
            .submission, submission, from: SubmissionState.sent, to: .acknowledged, at: noon, because: by,
            set: [("reconciled_at", noon), ("responded_at", noon)])
    }

    private func receive(_ key: String) throws -> Int64 {
        try insert(
            """
            INSERT INTO message_in (source, message_key, digest, body, received_at)
            VALUES ('queue', ?, 'd', ?, ?) RETURNING id
            """, [key, Array("{}".utf8), noon]) ?? 0
    }

    fileprivate func answerMessage() throws {
        let message = try receive("s-1")
        let answer =
            try insert(
                """
                INSERT INTO answer (message_in_id, watcher, identifier, state, status, body, created_at)
                VALUES (?, 'cnm', 'them-1', 'pending', 'SUCCESS', ?, ?) RETURNING id
                """, [message, Array("{}".utf8), noon]) ?? 0
        try enqueue(.sendAnswer, subject: answer, dueAt: noon)
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension SQLSession {
    /// The granules that an operator may mean, newest first: by row id, by bare name, or as `GranuleID` is written,
    /// with or without collection and revision.
    public func granules(called word: String) throws -> [GranuleRecord] {
        if let id = Int64(word), let found = try granule(id) { return [found] }
        let meant = GranuleWord(word)
        let named = try query("SELECT * FROM granule WHERE name IN (?, ?) ORDER BY id DESC", [word, meant.name])
        return try named.map(GranuleRecord.init(row:)).filter { meant.means($0.identity) }
    }

    /// Everything that the ledger knows of a granule; nil when there is none of that id.
    public func trace(ofGranule id: Int64) throws -> GranuleTrace? {
        guard let granule = try granule(id) else { return nil }
        let consumers = try query(
            "SELECT j.* FROM job j JOIN job_input i ON i.job_id = j.id WHERE i.granule_id = ? ORDER BY j.id", [id]
        ).map { try jobTrace(JobRecord(row: $0)) }
        return GranuleTrace(
            granule: granule, arrivals: try arrivals(ofGranule: id), files: try files(ofGranule: id),
            events: try events(ofGranule: granule), firings: try firings(ofGranule: id),
            producer: try granule.jobID.flatMap { try job($0) }.map { try jobTrace($0) }, consumers: consumers,
            submissions: try submissionTraces(ofGranule: id),
            parents: try granule.jobID.map { try inputs(ofJob: $0) } ?? [],
            children: try consumers.flatMap { try outputs(ofJob: $0.job.id) })
    }

    /// A job with its tries; nil when there is none of that id.
    public func trace(ofJob id: Int64) throws -> JobTrace? { try job(id).map { try jobTrace($0) } }

    /// A submission with its sends and what came back; nil when there is none of that id.
    public func trace(ofSubmission id: Int64) throws -> SubmissionTrace? {
        try submission(id).map { try submissionTrace($0) }
    }

    /// The events of one row, oldest first.
    public func events(of subject: Subject, _ id: Int64) throws -> [EventRecord] {
        try query("SELECT * FROM event WHERE subject = ? AND subject_id = ? ORDER BY id", [subject.rawValue, id])
            .map(EventRecord.init(row:))
    }

    private func jobTrace(_ job: JobRecord) throws -> JobTrace {
        let attempts = try query("SELECT * FROM job_attempt WHERE job_id = ? ORDER BY number", [job.id])
        return JobTrace(job: job, attempts: try attempts.map(JobAttemptRecord.init(row:)))
    }

    private func firings(ofGranule id: Int64) throws -> [RuleFiring] {
        try query(
            """
            SELECT r.* FROM rule_firing r JOIN job_input i ON i.job_id = r.job_id WHERE i.granule_id = ? ORDER BY r.id
            """, [id]
        ).map(RuleFiring.init(row:))
    }

    private func submissionTraces(ofGranule id: Int64) throws -> [SubmissionTrace] {
        try query("SELECT * FROM submission WHERE granule_id = ? ORDER BY id", [id]).map {
            try submissionTrace(SubmissionRecord(row: $0))
        }
    }

    private func submissionTrace(_ submission: SubmissionRecord) throws -> SubmissionTrace {
        let sends = try query(
            "SELECT * FROM submission_attempt WHERE submission_id = ? ORDER BY number", [submission.id])
        let responses = try query("SELECT * FROM response WHERE submission_id = ? ORDER BY id", [submission.id])
        return SubmissionTrace(
            submission: submission, attempts: try sends.map(SubmissionAttemptRecord.init(row:)),
            responses: try responses.map(ResponseRecord.init(row:)))
    }

    /// Events of the granule, its arrivals, the jobs that made or read it, and its submissions. The order of ids is the
    /// order in which they were written, whatever the clock did.
    private func events(ofGranule granule: GranuleRecord) throws -> [EventRecord] {
        try query(
            """
            SELECT * FROM event WHERE subject = 'granule' AND subject_id = ?
            UNION ALL SELECT * FROM event WHERE subject = 'arrival'
                AND subject_id IN (SELECT id FROM arrival WHERE granule_id = ?)
            UNION ALL SELECT * FROM event WHERE subject = 'submission'
                AND subject_id IN (SELECT id FROM submission WHERE granule_id = ?)
            UNION ALL SELECT * FROM event WHERE subject = 'job'
                AND (subject_id = ? OR subject_id IN (SELECT job_id FROM job_input WHERE granule_id = ?))
            ORDER BY id
            """,
            [granule.id, granule.id, granule.id, granule.jobID, granule.id]
        ).map(EventRecord.init(row:))
    }
}

/// A granule as `GranuleID.description` writes it, read back as far as it can be.
private struct GranuleWord {
    let text: String

    init(_ text: String) { self.text = text }

    /// What stands between the collection and the revision.
    var name: String {
        let afterSlash = text.lastIndex(of: "/").map { text[text.index(after: $0)...] } ?? text[...]
        guard let mark = afterSlash.lastIndex(of: "#"), Int(afterSlash[afterSlash.index(after: mark)...]) != nil else {
            return String(afterSlash)
        }
        return String(afterSlash[..<mark])
    }

    /// `g` and `C.1/g` mean every revision, `C.1/g#2` the second, `g#2` the second in any collection.
    func means(_ identity: GranuleID) -> Bool {
        let revision = "\(identity.name)#\(identity.revision)"
        return [
            identity.name, "\(identity.collection)/\(identity.name)", "\(identity.collection)/\(revision)", revision,
        ].contains(text)
    }
}

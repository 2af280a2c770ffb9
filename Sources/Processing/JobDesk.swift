// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
internal import GranaryCore

/// What an operator can do to jobs.
public struct JobDesk: Sendable {
    private let catalog: Catalog
    private let audit: ActAudit

    public init(_ catalog: Catalog, audit: @escaping ActAudit = { _, _ in }) {
        self.catalog = catalog
        self.audit = audit
    }

    /// Gives failed jobs a new life, with a full count of attempts. One line for each id, in order; every job by itself.
    public func retry(
        _ ids: [Int64], actor: String, reason: String, dryRun: Bool = false
    ) async throws -> [ActOutcome.Line] {
        var lines: [ActOutcome.Line] = []
        for id in ids {
            let moments = Moments(catalog)
            let line = try await catalog.write { session in
                let line = try session.retry(
                    job: id, because: Cause("retried", by: actor, detail: reason), dryRun, at: moments)
                try audit(session, line)
                return line
            }
            lines.append(line)
        }
        return lines
    }
}

extension SQLSession {
    fileprivate func retry(job id: Int64, because cause: Cause, _ dryRun: Bool, at moments: Moments) throws
        -> ActOutcome.Line
    {
        guard let job = try job(id) else { return ActOutcome.Line("\(id)", done: false, "There is no job \(id).") }
        guard job.state == .failed else {
            return ActOutcome.Line(
                "\(id)", done: false, "Job \(id) is \(job.state.rawValue); only failed jobs can be retried.")
        }
        guard !dryRun else { return ActOutcome.Line("\(id)", done: false, "Job \(id) would be tried again.") }
        try move(
            .job, id, from: JobState.failed, to: .accepted, at: moments.now, because: cause,
            set: [("failure_class", nil), ("error", nil), ("short_error", nil), ("ended_at", nil)])
        if try !revive(.runJob, subject: id, at: moments.steady, because: cause) {
            try enqueue(.runJob, subject: id, priority: job.priority, dueAt: moments.steady)
        }
        return ActOutcome.Line("\(id)", done: true, "Job \(id) will be tried again.")
    }
}

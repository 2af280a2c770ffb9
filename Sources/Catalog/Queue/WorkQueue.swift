// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// The queue in which the verbs meet: work is enqueued in the transaction of the fact that causes it.
extension SQLSession {
    /// Makes work for a subject, once: work of that kind for that subject that exists already is left alone.
    ///
    /// `moment` is when it is made, by default when it is due.
    public func enqueue(
        _ kind: WorkKind, subject: Int64, priority: Int = 0, dueAt: Timestamp, at moment: Timestamp? = nil
    ) throws {
        let moment = moment ?? dueAt
        let id = try insert(
            """
            INSERT INTO work (kind, subject_id, state, priority, due_at, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, subject_id) DO NOTHING RETURNING id
            """,
            [kind, subject, WorkState.available, priority, dueAt, moment, moment])
        if let id { try born(.work, id, as: WorkState.available, at: moment, because: Cause("enqueued", by: "ledger")) }
    }

    /// Claims work that is due, highest priority first and then oldest, so that no two claimers get the same row.
    ///
    /// Marks it `running` under the given owner and lease; every claim has a new fencing token.
    public func claimWork(_ claim: WorkClaim) throws -> [WorkItem] {
        try lockDueWork(claim).map { due in
            var item = due
            item.state = .running
            item.attempt += 1
            item.token += 1
            item.leaseUntil = claim.now + claim.lease
            try move(
                .work, item.id, from: due.state, to: item.state, at: claim.now,
                because: Cause("claimed", by: claim.owner),
                set: [
                    ("attempt", item.attempt), ("token", item.token), ("lease_owner", claim.owner),
                    ("lease_until", item.leaseUntil), ("updated_at", claim.now),
                ])
            return item
        }
    }

    public func work(_ kind: WorkKind, subject: Int64) throws -> WorkItem? {
        try first("SELECT * FROM work WHERE kind = ? AND subject_id = ?", [kind, subject]).map(WorkItem.init(row:))
    }

    /// Throws `lease.lost` unless this very claim still holds the work: the gate before every effect that must be
    /// single.
    public func fence(_ work: WorkItem) throws {
        let held = try count(
            "SELECT COUNT(*) AS n FROM work WHERE id = ? AND state = 'running' AND token = ?", [work.id, work.token])
        guard held == 1 else { throw leaseLost(work) }
    }

    /// Ends a claim. Throws `lease.lost`, and changes nothing, when somebody else holds the work by now.
    public func finish(_ work: WorkItem, _ ending: WorkEnding, at moment: Timestamp) throws {
        try fence(work)
        let outcome = outcome(of: ending, at: moment)
        try move(
            .work, work.id, from: WorkState.running, to: outcome.state, at: moment,
            because: Cause(outcome.cause, by: "worker", detail: outcome.error),
            set: [
                ("attempt", work.attempt - (outcome.counts ? 0 : 1)), ("due_at", outcome.dueAt),
                ("error", outcome.error),
                ("lease_owner", nil), ("lease_until", nil), ("updated_at", moment),
            ])
    }

    /// Prolongs a claim. Throws `lease.lost` when it is held no more.
    public func heartbeat(_ work: WorkItem, until: Timestamp) throws {
        let held = try execute(
            "UPDATE work SET lease_until = ? WHERE id = ? AND state = 'running' AND token = ?",
            [until, work.id, work.token])
        guard held == 1 else { throw leaseLost(work) }
    }

    /// Frees work whose holder let its lease run out. Returns how many.
    @discardableResult
    public func rescueExpired(at moment: Timestamp) throws -> Int {
        try free(where: "lease_until < ?", [moment], at: moment, cause: "lease expired")
    }

    /// Frees all claimed work: at start, when whoever held it is known to be dead.
    @discardableResult
    public func rescueAll(at moment: Timestamp) throws -> Int {
        try free(where: "lease_until IS NOT NULL", [], at: moment, cause: "its holder is gone")
    }

    /// Gives work that has ended a new life, with a full count of attempts. False when it has not ended, or never was.
    public func revive(_ kind: WorkKind, subject: Int64, at moment: Timestamp, because cause: Cause) throws -> Bool {
        guard let item = try work(kind, subject: subject), item.state.canBecome(.available), item.state != .running
        else {
            return false
        }
        try move(
            .work, item.id, from: item.state, to: .available, at: moment, because: cause,
            set: [("attempt", 0), ("due_at", moment), ("updated_at", moment)])
        return true
    }

    private func free(where condition: String, _ arguments: [any SQLConvertible], at moment: Timestamp, cause: String)
        throws -> Int
    {
        let lost = try query("SELECT * FROM work WHERE state = 'running' AND \(condition) ORDER BY id", arguments).map(
            WorkItem.init(row:))
        for item in lost {
            try move(
                .work, item.id, from: WorkState.running, to: .available, at: moment,
                because: Cause(cause, by: "ledger"),
                set: [("due_at", moment), ("lease_owner", nil), ("lease_until", nil), ("updated_at", moment)])
        }
        return lost.count
    }
}

/// What an ending does to the row.
private struct Outcome {
    var state: WorkState
    var cause: String
    var dueAt: Timestamp
    var error: String?
    /// Whether the claim counts as a try.
    var counts = true
}

private func outcome(of ending: WorkEnding, at moment: Timestamp) -> Outcome {
    switch ending {
    case .completed: Outcome(state: .completed, cause: "completed", dueAt: moment)
    case .scheduled(let due): Outcome(state: .scheduled, cause: "not yet", dueAt: due, counts: false)
    case .retryable(let due, let error):
        Outcome(state: .retryable, cause: "failed, will be tried again", dueAt: due, error: error)
    case .discarded(let error): Outcome(state: .discarded, cause: "given up", dueAt: moment, error: error)
    case .handedBack: Outcome(state: .available, cause: "handed back", dueAt: moment, counts: false)
    }
}

private func leaseLost(_ work: WorkItem) -> GranaryError {
    GranaryError(
        .leaseLost, "The claim on \(work.kind.rawValue) of row \(work.subjectID) is held by somebody else by now.",
        subject: "work \(work.id)", remedy: "Nothing to do: the newer claim finishes it.")
}

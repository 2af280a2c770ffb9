// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
internal import GranaryCore

/// What an operator can do with arrivals that were set aside. The bytes stay where they are: at their source.
public struct QuarantineDesk: Sendable {
    let catalog: Catalog
    let audit: ActAudit

    public init(catalog: Catalog, audit: @escaping ActAudit = { _, _ in }) {
        self.catalog = catalog
        self.audit = audit
    }

    /// Tries again as if it had just been seen: after the configuration, or what a manifest says, was put right.
    public func retry(_ ids: [Int64], by actor: String, reason: String, dryRun: Bool) async throws -> [ActOutcome.Line]
    {
        try await each(ids, dryRun: dryRun, says: "will be looked at again") { session, arrival, now, steady in
            try session.takeUpAgain(
                arrival, at: now, steady: steady, because: Cause("retried", by: actor, detail: reason))
        }
    }

    /// Accepts the bytes as they are, whatever was promised of them; the record says who did, and never says "verified".
    public func release(_ ids: [Int64], by actor: String, reason: String, dryRun: Bool) async throws -> [ActOutcome
        .Line]
    {
        try await each(ids, dryRun: dryRun, says: "is accepted as it is") { session, arrival, now, steady in
            try session.takeUpAgain(
                arrival, at: now, steady: steady, because: Cause("released", by: actor, detail: reason))
            try session.execute("UPDATE arrival SET accepted_by = ? WHERE id = ?", [actor, arrival.id])
        }
    }

    /// Refuses for good.
    public func reject(_ ids: [Int64], by actor: String, reason: String, dryRun: Bool) async throws -> [ActOutcome.Line]
    {
        try await each(ids, dryRun: dryRun, says: "is rejected") { session, arrival, now, _ in
            let verdict = Reason(
                "operator.rejected",
                "Rejected by \(actor): \(reason). It was set aside because: \(arrival.reason ?? "unknown").",
                remedy: "Nothing to do.")
            try session.end(arrival.id, from: .quarantined, as: .rejected, verdict, at: now, by: actor)
            try session.rejectGranuleWithoutFiles(of: arrival, at: now, by: actor)
        }
    }

    private func each(
        _ ids: [Int64], dryRun: Bool, says sentence: String,
        _ act: @escaping @Sendable (any SQLSession, ArrivalRecord, Timestamp, Timestamp) throws -> Void
    ) async throws -> [ActOutcome.Line] {
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        return try await catalog.write { [audit] session in
            // As they are at first: acting on one file takes up its siblings, which may be among those asked for.
            let asked = try ids.map { ($0, try session.arrival($0)) }
            return try asked.map { id, arrival in
                let outcome: ActOutcome.Line
                if let arrival, arrival.state == .quarantined {
                    if !dryRun { try act(session, arrival, now, steady) }
                    outcome = ActOutcome.Line("\(id)", done: !dryRun, "\(arrival.path) \(sentence).")
                } else {
                    outcome = refusal(of: id, arrival)
                }
                try audit(session, outcome)
                return outcome
            }
        }
    }

    /// Only what was set aside can be acted on.
    private func refusal(of id: Int64, _ arrival: ArrivalRecord?) -> ActOutcome.Line {
        guard let arrival else { return ActOutcome.Line("\(id)", done: false, "There is no arrival \(id).") }
        return ActOutcome.Line("\(id)", done: false, "Arrival \(id) is \(arrival.state.rawValue), not quarantined.")
    }
}

extension SQLSession {
    /// Opens an arrival again, with the files of its granule that were set aside because of it.
    fileprivate func takeUpAgain(
        _ arrival: ArrivalRecord, at moment: Timestamp, steady: Timestamp, because cause: Cause
    ) throws {
        if try self.arrival(arrival.id)?.state == .quarantined {
            try reopen(arrival, at: moment, steady: steady, because: cause)
        }
        guard let id = arrival.granuleID, let granule = try granule(id) else { return }
        try releaseSiblings(of: granule, at: moment, steady: steady, by: cause.actor)
    }

    /// A granule of which nothing is left to archive ends with its last file.
    fileprivate func rejectGranuleWithoutFiles(of arrival: ArrivalRecord, at moment: Timestamp, by actor: String) throws
    {
        guard let id = arrival.granuleID, let granule = try granule(id), granule.state.canBecome(.rejected) else {
            return
        }
        let live = try arrivals(ofGranule: id).filter { $0.endedAt == nil || $0.state == .quarantined }
        guard live.isEmpty else { return }
        try move(
            .granule, id, from: granule.state, to: .rejected, at: moment,
            because: Cause("its last file was rejected", by: actor))
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// One moment of looking, and what it writes.
struct Look: Sendable {
    let source: String
    let actor: String
    let settle: SettleRule
    let now: Timestamp
    let steady: Timestamp

    /// Records an entry that was never seen in this generation. Returns its arrival if it is open.
    func record(_ entry: StoreEntry, _ triage: Triage, isClosed: Bool, in session: any SQLSession) throws -> Int64? {
        var identity: ArrivalIdentity?
        if case .member(let name) = triage { identity = name.identity }
        let id = try session.insertArrival(
            source: source, entry: entry, identity: identity, at: now, steady: steady,
            readiness: readiness(of: triage, isClosed: isClosed), by: actor)
        guard let id, case .ended(let state, let reason) = triage else { return id }
        try session.end(id, from: .observed, as: state, reason, at: now, by: actor)
        return nil
    }

    private func readiness(of triage: Triage, isClosed: Bool) -> Readiness? {
        if case .ended = triage { return nil }
        if isClosed { return .closed }
        return settle.looks <= 1 ? .inferred : nil
    }

    /// Counts a look that found an arrival unchanged, if it comes long enough after the last one that counted.
    ///
    /// The source's notice of a rename may come after the look that first showed the file: it counts all the same.
    func again(at arrival: KnownArrival, isClosed: Bool, in session: any SQLSession) throws {
        if arrival.state == .observed {
            try session.move(
                .arrival, arrival.id, from: arrival.state, to: .settling, at: now,
                because: Cause("not yet settled", by: actor))
        }
        if isClosed { return try session.settle(arrival.id, as: .closed, at: now) }
        try session.execute(
            """
            UPDATE arrival SET looks = looks + 1, looked_at = ?,
                settled_at = CASE WHEN looks + 1 >= ? THEN ? END, readiness = CASE WHEN looks + 1 >= ? THEN 'inferred' END
            WHERE id = ? AND settled_at IS NULL AND looked_at <= ?
            """,
            [steady, settle.looks, now, settle.looks, arrival.id, steady - settle.window])
    }
}

extension SQLSession {
    /// Notes that an arrival is finished, and how we know. It is no change of state: it is what the next step waits for.
    func settle(_ arrival: Int64, as readiness: Readiness, at moment: Timestamp) throws {
        try execute("UPDATE arrival SET settled_at = ?, readiness = ? WHERE id = ?", [moment, readiness, arrival])
    }
}

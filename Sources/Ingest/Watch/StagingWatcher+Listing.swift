// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension StagingWatcher {
    /// Walks the listing page by page: records what is new, counts looks at what is known, sees what is finished.
    func listOnce() async throws -> ScanSummary {
        var summary = ScanSummary()
        for try await listed in source.entries() {
            try Task.checkCancellation()
            let page = listed.filter { selects($0.path) }
            summary.listed += page.count
            summary.new += try await look(at: page)
            crashPoint(.ingestObserved)
        }
        return summary
    }

    private func look(at page: [StoreEntry]) async throws -> Int {
        let known = try await known(page)
        let fresh = page.filter { entry in !(known[entry.path]?.contains { $0.generation == entry.generation } ?? false)
        }
        let open = page.compactMap { entry in
            known[entry.path]?.first { $0.generation == entry.generation && $0.isUnsettled }
        }
        let outdated = fresh.flatMap { known[$0.path] ?? [] }.filter(\.isOpen)
        guard !(fresh.isEmpty && open.isEmpty) else { return try await clear(page, known) }
        let triaged = fresh.map { ($0, triage($0)) }
        try await write(triaged, open: open, outdated: outdated)
        return fresh.count + (try await clear(page, known))
    }

    /// What a previous life recorded, and died before it removed from the source.
    private func clear(_ page: [StoreEntry], _ known: [BytePath: [KnownArrival]]) async throws -> Int {
        guard configuration.afterwards == .delete else { return 0 }
        for entry in page
        where known[entry.path]?.contains(where: { $0.generation == entry.generation && $0.isStored }) ?? false {
            _ = try await source.remove(entry.path, generation: entry.generation)
        }
        return 0
    }

    /// What the ledger knows of each path of a page.
    private func known(_ page: [StoreEntry]) async throws -> [BytePath: [KnownArrival]] {
        let name = configuration.name
        return try await catalog.read { session in
            var known: [BytePath: [KnownArrival]] = [:]
            for entry in page {
                try session.forEach(
                    "SELECT id, generation, state, settled_at FROM arrival WHERE source = ? AND path = ?",
                    [name, entry.path]
                ) { known[entry.path, default: []].append(try KnownArrival(row: $0)) }
            }
            return known
        }
    }

    /// A name that cannot be decided is unknown with the error as its reason, never a reason to stop the scan.
    private func triage(_ entry: StoreEntry) -> Triage {
        do {
            return try Triage(entry, by: configuration, names: ingester.names)
        } catch let error as GranaryError {
            return .ended(.quarantined, Reason(error))
        } catch {
            return .unknown
        }
    }

    private func write(
        _ fresh: [(StoreEntry, Triage)], open: [KnownArrival], outdated: [KnownArrival]
    ) async throws {
        let look = Look(
            source: configuration.name, actor: actor, settle: configuration.settle, now: catalog.clock.now(),
            steady: catalog.steady.now())
        let closed = Set(fresh.map(\.0.path).filter(wakeUps.wasClosed))
        try await catalog.write { session in
            for (entry, triage) in fresh {
                try look.record(entry, triage, isClosed: closed.contains(entry.path), in: session)
            }
            for arrival in outdated {
                try session.end(arrival.id, from: arrival.state, as: .vanished, .replaced, at: look.now, by: look.actor)
            }
            for arrival in open { try look.again(at: arrival, in: session) }
        }
    }
}

/// The little of an arrival that a look needs.
struct KnownArrival: Sendable {
    var id: Int64
    var generation: String
    var state: ArrivalState
    var isSettled: Bool

    init(row: SQLRow) throws {
        id = try row.int64("id")
        generation = try row.text("generation")
        state = try row.word("state")
        isSettled = try row.optionalInt64("settled_at") != nil
    }

    var isOpen: Bool { ArrivalState.open.contains(state) && state != .verifying }
    var isUnsettled: Bool { isOpen && !isSettled }
    var isStored: Bool { state == .archived || state == .duplicate }
}

/// One moment of looking, and what it writes.
struct Look: Sendable {
    let source: String
    let actor: String
    let settle: SettleRule
    let now: Timestamp
    let steady: Timestamp

    /// Records an entry that was never seen in this generation.
    func record(_ entry: StoreEntry, _ triage: Triage, isClosed: Bool, in session: any SQLSession) throws {
        var identity: ArrivalIdentity?
        if case .member(let name) = triage { identity = name.identity }
        let id = try session.insertArrival(
            source: source, entry: entry, identity: identity, at: now, steady: steady, by: actor)
        guard let id else { return }
        if case .ended(let state, let reason) = triage {
            try session.end(id, from: .observed, as: state, reason, at: now, by: actor)
        } else if isClosed || settle.looks <= 1 {
            try session.settle(id, as: isClosed ? .closed : .inferred, at: now)
        }
    }

    /// Counts a look that found an arrival unchanged, if it comes long enough after the last one that counted.
    func again(at arrival: KnownArrival, in session: any SQLSession) throws {
        if arrival.state == .observed {
            try session.move(
                .arrival, arrival.id, from: arrival.state, to: .settling, at: now,
                because: Cause("not yet settled", by: actor))
        }
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

// SPDX-License-Identifier: Apache-2.0

internal import AsyncAlgorithms
internal import GranaryCatalog
internal import GranaryCore

extension StagingWatcher {
    /// Walks the listing page by page: records what is new, counts looks at what is known, sees what is finished.
    func listOnce() async throws -> Listing {
        var listing = Listing()
        // While one page is recorded the next one is asked for.
        for try await listed in source.entries().buffer(policy: .bounded(1)) {
            try Task.checkCancellation()
            let page = listed.filter { selects($0.path) }
            listing.entries += page.count
            sees(page)
            try await look(at: page, &listing)
            crashPoint(.ingestObserved)
        }
        // To one who is cancelled a stream simply ends, and that is no whole listing.
        try Task.checkCancellation()
        return listing
    }

    private func look(at page: [StoreEntry], _ listing: inout Listing) async throws {
        let known = try await known(page)
        var sight = Sight()
        for entry in page { sight.sort(entry, known[entry.path] ?? []) }
        let closed = Set(page.map(\.path).filter { source.showsWholeFiles || wakeUps.wasClosed($0) })
        listing.present.formUnion(try await write(sight, closed: closed))
        listing.new += sight.fresh.count
        listing.present.formUnion(sight.open.map(\.id))
        if configuration.afterwards == .delete { await clear(sight.stored) }
    }

    /// Removes what a previous life recorded, and died before it removed from the source.
    private func clear(_ stored: [StoreEntry]) async {
        for entry in stored { await removeFromSource(entry.path, generation: entry.generation) }
    }

    /// What the ledger knows of each path of a page.
    private func known(_ page: [StoreEntry]) async throws -> [BytePath: [KnownArrival]] {
        let name = configuration.name
        return try await catalog.read { session in
            var known: [BytePath: [KnownArrival]] = [:]
            for entry in page {
                try session.forEach(
                    "SELECT id, path, generation, state, settled_at FROM arrival WHERE source = ? AND path = ?",
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

    /// Returns the new arrivals that are open.
    private func write(_ sight: Sight, closed: Set<BytePath>) async throws -> [Int64] {
        guard sight.isNews else { return [] }
        let look = Look(
            source: configuration.name, actor: actor, settle: configuration.settle, now: catalog.clock.now(),
            steady: catalog.steady.now())
        let fresh = sight.fresh.map { ($0, triage($0)) }
        return try await catalog.write { session in
            let new = try fresh.compactMap { entry, triage in
                try look.record(entry, triage, isClosed: closed.contains(entry.path), in: session)
            }
            for arrival in sight.outdated {
                try session.end(arrival.id, from: arrival.state, as: .vanished, .replaced, at: look.now, by: look.actor)
            }
            for arrival in sight.open where !arrival.isSettled {
                try look.again(at: arrival, isClosed: closed.contains(arrival.path), in: session)
            }
            return new
        }
    }
}

/// What one walk over a source has shown.
struct Listing: Sendable {
    var entries = 0
    /// Of them, never seen before.
    var new = 0
    /// The open arrivals among them.
    var present: Set<Int64> = []
}

/// One page of a listing, compared with the ledger.
private struct Sight: Sendable {
    /// Generations that were never seen.
    var fresh: [StoreEntry] = []
    /// Arrivals whose path shows another generation now.
    var outdated: [KnownArrival] = []
    /// Arrivals that are still as they were, with something left to do.
    var open: [KnownArrival] = []
    /// Entries whose bytes the archive holds.
    var stored: [StoreEntry] = []

    var isNews: Bool { !fresh.isEmpty || open.contains { !$0.isSettled } }

    mutating func sort(_ entry: StoreEntry, _ known: [KnownArrival]) {
        guard let same = known.first(where: { $0.generation == entry.generation }) else {
            fresh.append(entry)
            outdated += known.filter(\.isOpen)
            return
        }
        if same.isOpen { open.append(same) }
        if same.isStored { stored.append(entry) }
    }
}

/// The little of an arrival that a look needs.
struct KnownArrival: Sendable {
    var id: Int64
    var path: BytePath
    var generation: String
    var state: ArrivalState
    var isSettled: Bool

    init(row: SQLRow) throws {
        id = try row.int64("id")
        path = try row.path("path")
        generation = try row.text("generation")
        state = try row.word("state")
        isSettled = try row.optionalInt64("settled_at") != nil
    }

    var isOpen: Bool { ArrivalState.open.contains(state) && state != .verifying }
    var isStored: Bool { state == .archived || state == .duplicate }
}

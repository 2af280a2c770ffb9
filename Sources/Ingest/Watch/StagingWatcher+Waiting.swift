// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// Why a granule's settled files are not taken in yet.
enum Obstacle: Sendable, Hashable {
    /// Required files are missing; their patterns.
    case missing([String])
    /// Files for which no checksum has been stated, where the collection requires one, by their place in the offer.
    case noChecksum([Int])
    /// Files without a byte, for which nobody vouches, by their place in the offer.
    case empty([Int])
}

extension StagingWatcher {
    /// What stands in the way, or nil when the granule is ready.
    ///
    /// A resend of an archived granule needs no missing files: it is compared with what is archived.
    ///
    /// - Parameter accepted: the offer's files that an operator accepted as they are, by their place.
    func obstacle(to offer: GranuleOffer, accepted: Set<Int>, _ collection: Collection) async throws -> Obstacle? {
        let missing = try collection.missing(from: offer.files.map(\.name))
        if !missing.isEmpty, try await !isArchived(offer) { return .missing(missing) }
        let unvouched = offer.files.indices.filter { !accepted.contains($0) && offer.files[$0].checksums.isEmpty }
        if collection.checksums == .require, !unvouched.isEmpty { return .noChecksum(unvouched) }
        let empty = unvouched.filter { offer.files[$0].entry.size == 0 }
        return empty.isEmpty ? nil : .empty(empty)
    }

    private func isArchived(_ offer: GranuleOffer) async throws -> Bool {
        let identity = GranuleID(collection: offer.collection, name: offer.granule)
        return try await catalog.read { try $0.revisions(of: identity).contains { $0.archivedAt != nil } }
    }

    /// Lets the files wait until the deadline; after it, missing files make the granule incomplete, and files for which
    /// nobody vouches are set aside.
    func wait(_ arrivals: [ArrivalRecord], for obstacle: Obstacle, _ offer: GranuleOffer, _ collection: Collection)
        async throws
    {
        let waiting = Waiting(
            obstacle: obstacle, item: IntakeCase(offer: offer, arrivals: arrivals), wait: collection.wait, actor: actor,
            now: catalog.clock.now(), steady: catalog.steady.now())
        try await catalog.write { try waiting.record(in: $0) }
    }
}

/// Writes that a granule waits, or that it has waited long enough.
private struct Waiting: Sendable {
    let obstacle: Obstacle
    let item: IntakeCase
    let wait: Duration
    let actor: String
    let now: Timestamp
    let steady: Timestamp

    func record(in session: any SQLSession) throws {
        let granule = try session.waitingGranule(item, missing: missing, deadline: steady + wait, at: now)
        try session.releaseSiblings(of: granule, at: now, steady: steady, by: actor)
        let isOverdue = granule.deadlineAt.map { $0 <= steady } ?? false
        for (place, arrival) in item.arrivals.enumerated() {
            if isOverdue, unvouched.contains(place), let reason = obstacle.finalReason {
                try session.end(arrival.id, from: arrival.state, as: .quarantined, reason, at: now, by: actor)
            } else {
                try session.wait(arrival, granule: granule.id, obstacle.reason, at: now, by: actor)
            }
        }
        if isOverdue, granule.state == .waiting, !missing.isEmpty { try giveUpWaiting(granule, in: session) }
    }

    private func giveUpWaiting(_ granule: GranuleRecord, in session: any SQLSession) throws {
        try session.move(
            .granule, granule.id, from: GranuleState.waiting, to: .incomplete, at: now,
            because: Cause("deadline passed", by: actor, detail: obstacle.reason.text),
            set: [("reason_code", obstacle.reason.code), ("reason", obstacle.reason.text)])
    }

    private var missing: [String] {
        if case .missing(let patterns) = obstacle { patterns } else { [] }
    }

    private var unvouched: [Int] {
        switch obstacle {
        case .missing: []
        case .noChecksum(let places), .empty(let places): places
        }
    }
}

extension Obstacle {
    /// What an arrival is set aside for once the deadline has passed.
    fileprivate var finalReason: Reason? {
        switch self {
        case .missing: nil
        case .noChecksum: .noChecksum
        case .empty: .empty
        }
    }

    var reason: Reason {
        switch self {
        case .missing(let patterns):
            Reason(
                "granule.incomplete", "Its granule still lacks \(patterns.joined(separator: " and ")).",
                remedy: "Ask the provider for the missing files; they are taken up when they come.")
        case .noChecksum:
            Reason(
                "checksum.awaited", "It waits for somebody to state its checksum.",
                remedy: "Nothing to do before the deadline.")
        case .empty:
            Reason(
                "file.empty", "It has no bytes; it waits for a manifest that says so.",
                remedy: "Nothing to do before the deadline.")
        }
    }
}

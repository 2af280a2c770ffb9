// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// Why a granule's settled files are not taken in yet.
enum Obstacle: Sendable, Hashable {
    /// Required files are missing; their kinds.
    case missing([String])
    /// Files for which no checksum has been stated, where the collection requires one, by their place in the offer.
    case noChecksum([Int])
    /// Files without a byte, for which nobody vouches, by their place in the offer.
    case empty([Int])
    /// Good files of the same granule, set aside because of one that came anew, are taken up first.
    case siblings
    /// Nothing to wait for: they are set aside.
    case refused(Reason)
}

/// That a granule waits, or has waited long enough: missing files make it incomplete, and files for which nobody vouches
/// are set aside.
struct Wait: Sendable {
    let obstacle: Obstacle
    let item: IntakeCase
    /// The granule's row as it is, if it has one already.
    let pending: GranuleRecord?
    let patience: Duration
    let actor: String
    let now: Timestamp
    let steady: Timestamp

    /// True when the ledger says all this already.
    var changesNothing: Bool {
        guard let pending, pending.state == .waiting || pending.state == .incomplete, let deadline = pending.deadlineAt,
            pending.missing == item.list(of: missing)
        else { return false }
        let isOver = deadline <= steady && (pending.state == .waiting || !unvouched.isEmpty)
        return !isOver && item.arrivals.allSatisfy { $0.isWaiting(for: obstacle.reason, as: pending.id) }
    }

    func record(in session: any SQLSession) throws {
        if case .refused(let reason) = obstacle { return try refuse(reason, in: session) }
        if let pending { try session.releaseSiblings(of: pending, at: now, steady: steady, by: actor) }
        let granule = try session.waitingGranule(
            item, missing: missing, deadline: steady + patience, at: now, by: actor)
        let isOverdue = granule.deadlineAt.map { $0 <= steady } ?? false
        if isOverdue, let reason = obstacle.finalReason { return try setAside(reason, in: session) }
        for arrival in item.arrivals {
            try session.wait(arrival, granule: granule.id, obstacle.reason, at: now, by: actor)
        }
        if isOverdue, granule.state == .waiting, !missing.isEmpty { try giveUpWaiting(granule, in: session) }
    }

    /// A granule enters whole or not at all: the files that somebody vouches for are set aside with the others.
    private func setAside(_ reason: Reason, in session: any SQLSession) throws {
        let granule = try session.quarantineGranule(item, reason, at: now)
        let first = unvouched.first.map { item.offer.files[$0].name }
        for (place, arrival) in item.arrivals.enumerated() {
            let own = unvouched.contains(place) ? reason : first.map(Reason.sibling) ?? reason
            try session.end(arrival.id, from: arrival.state, as: .quarantined, own, at: now, by: actor)
            try session.assign(arrival.id, to: granule)
        }
    }

    private func refuse(_ reason: Reason, in session: any SQLSession) throws {
        for arrival in item.arrivals {
            try session.end(arrival.id, from: arrival.state, as: .quarantined, reason, at: now, by: actor)
            if let pending { try session.assign(arrival.id, to: pending.id) }
        }
    }

    private func giveUpWaiting(_ granule: GranuleRecord, in session: any SQLSession) throws {
        try session.move(
            .granule, granule.id, from: GranuleState.waiting, to: .incomplete, at: now,
            because: Cause("deadline passed", by: actor, detail: obstacle.reason.text),
            set: [("reason_code", obstacle.reason.code), ("reason", obstacle.reason.text)])
    }

    private var missing: [String] {
        if case .missing(let kinds) = obstacle { kinds } else { [] }
    }

    private var unvouched: [Int] {
        switch obstacle {
        case .missing, .siblings, .refused: []
        case .noChecksum(let places), .empty(let places): places
        }
    }
}

extension ArrivalRecord {
    fileprivate func isWaiting(for reason: Reason, as granule: Int64) -> Bool {
        state == .waiting && self.reason == reason.text && granuleID == granule
    }
}

extension Obstacle {
    /// What files are set aside for once the deadline has passed.
    fileprivate var finalReason: Reason? {
        switch self {
        case .missing, .siblings, .refused: nil
        case .noChecksum: .noChecksum
        case .empty: .empty
        }
    }

    var reason: Reason {
        switch self {
        case .missing(let kinds):
            Reason(
                "granule.incomplete", "Its granule still lacks \(kinds.joined(separator: " and ")).",
                remedy: "Ask the provider for the missing files; they are taken up when they come.")
        case .noChecksum:
            Reason(
                "checksum.awaited", "It waits for somebody to state its checksum.",
                remedy: "Nothing to do before the deadline.")
        case .empty:
            Reason(
                "file.empty", "It has no bytes; it waits for a manifest that says so.",
                remedy: "Nothing to do before the deadline.")
        case .siblings:
            Reason(
                "granule.siblings", "Other files of its granule are taken up again.",
                remedy: "Nothing to do: it is taken up with them.")
        case .refused(let reason): reason
        }
    }
}

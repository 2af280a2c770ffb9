// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension StagingWatcher {
    /// Ends what can never be taken in: settled names that nobody knows, and open arrivals that are no longer there.
    func noticeVanished() async throws {
        var last: Int64 = 0
        while true {
            let page = try await openArrivals(after: last)
            for arrival in page { try await notice(arrival) }
            guard page.count == Limits.rowPage, let end = page.last else { return }
            last = end.id
        }
    }

    private func notice(_ arrival: ArrivalRecord) async throws {
        let found = try await source.entry(at: arrival.path)
        if found == nil {
            try await end(arrival, as: .vanished, .gone)
        } else if arrival.settledAt != nil, arrival.collection == nil, ManifestName(arrival.path) == nil {
            try await end(arrival, as: .quarantined, .unknown)
        }
    }

    private func openArrivals(after id: Int64) async throws -> [ArrivalRecord] {
        let name = configuration.name
        return try await catalog.read { session in
            try session.query(
                """
                SELECT * FROM arrival WHERE source = ? AND ended_at IS NULL AND state <> 'verifying' AND id > ?
                ORDER BY id LIMIT ?
                """,
                [name, id, Limits.rowPage]
            ).map(ArrivalRecord.init(row:))
        }
    }

    private func end(_ arrival: ArrivalRecord, as state: ArrivalState, _ reason: Reason) async throws {
        let (actor, now) = (actor, catalog.clock.now())
        try await catalog.write { session in
            try session.end(arrival.id, from: arrival.state, as: state, reason, at: now, by: actor)
        }
    }
}

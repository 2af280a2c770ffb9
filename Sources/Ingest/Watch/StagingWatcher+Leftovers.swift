// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension StagingWatcher {
    /// Ends open arrivals that are no longer there, or that another generation has taken the place of.
    ///
    /// - Parameter present: the open arrivals that a listing, walked to its end, has just shown.
    func noticeVanished(except present: Set<Int64>) async throws {
        var last: Int64 = 0
        while let page = try await openArrivals(after: last), let end = page.last {
            last = end
            let absent = page.filter { !present.contains($0) }
            if !absent.isEmpty { try await lookAfter(absent) }
        }
    }

    /// A listing may miss what was moved while it walked, so each is asked for by name before it counts as gone.
    private func lookAfter(_ absent: [Int64]) async throws {
        let arrivals = try await catalog.read { session in try absent.compactMap { try session.arrival($0) } }
        var ended: [(ArrivalRecord, Reason)] = []
        for arrival in arrivals {
            let found = try await source.entry(at: arrival.path)
            if found?.generation != arrival.generation { ended.append((arrival, found == nil ? .gone : .replaced)) }
        }
        let (vanished, actor, now) = (ended, actor, catalog.clock.now())
        try await catalog.write { session in
            for (arrival, reason) in vanished {
                try session.end(arrival.id, from: arrival.state, as: .vanished, reason, at: now, by: actor)
                try session.giveUpGranuleWithoutFiles(of: arrival, at: now, by: actor)
            }
        }
    }

    private func openArrivals(after id: Int64) async throws -> [Int64]? {
        let name = configuration.name
        return try await catalog.read { session in
            try session.query(
                """
                SELECT id FROM arrival WHERE source = ? AND ended_at IS NULL AND state <> 'verifying' AND id > ?
                ORDER BY id LIMIT ?
                """,
                [name, id, Limits.rowPage]
            ).map { try $0.int64("id") }
        }
    }
}

extension SQLSession {
    /// A granule that waited, and of which nothing is left to wait with, is incomplete at once: no deadline would find it.
    fileprivate func giveUpGranuleWithoutFiles(of arrival: ArrivalRecord, at moment: Timestamp, by actor: String) throws
    {
        guard let id = arrival.granuleID, let granule = try granule(id), granule.state == .waiting,
            try !arrivals(ofGranule: id).contains(where: { $0.endedAt == nil })
        else { return }
        try move(
            .granule, id, from: GranuleState.waiting, to: .incomplete, at: moment,
            because: Cause("its files are gone", by: actor),
            set: [("reason_code", Reason.gone.code), ("reason", Reason.gone.text)])
    }
}

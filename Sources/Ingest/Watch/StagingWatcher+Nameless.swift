// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension StagingWatcher {
    /// Goes through the open arrivals that belong to no collection: reads manifests, sets aside what nobody knows.
    ///
    /// - Parameter present: the open arrivals that the listing has just shown; what it did not show may be gone.
    func sortOutNameless(_ present: Set<Int64>) async throws {
        var last: Int64 = 0
        while let page = try await namelessArrivals(after: last), let end = page.last {
            last = end.id
            let shown = page.filter { present.contains($0.id) }
            try await readManifests(among: shown)
            try await nameOrSetAside(shown.filter { $0.settledAt != nil && ManifestName($0.path) == nil })
        }
        let (name, now) = (configuration.name, catalog.clock.now())
        try await catalog.write { try $0.settlePromised(source: name, at: now) }
    }

    private func namelessArrivals(after id: Int64) async throws -> [ArrivalRecord]? {
        let name = configuration.name
        return try await catalog.read { session in
            try session.query(
                """
                SELECT * FROM arrival
                WHERE source = ? AND collection IS NULL AND version IS NULL AND granule IS NULL AND ended_at IS NULL
                    AND id > ?
                ORDER BY id LIMIT ?
                """,
                [name, id, Limits.rowPage]
            ).map(ArrivalRecord.init(row:))
        }
    }

    /// A name is tried once more: the patterns may have been corrected since it was first seen.
    private func nameOrSetAside(_ arrivals: [ArrivalRecord]) async throws {
        guard !arrivals.isEmpty else { return }
        let (actor, now, names) = (actor, catalog.clock.now(), ingester.names)
        try await catalog.write { session in
            for arrival in arrivals {
                do {
                    guard let known = try names.recognize(arrival.path.name) else {
                        try session.end(
                            arrival.id, from: arrival.state, as: .quarantined, .unknown, at: now, by: actor)
                        continue
                    }
                    try session.name(arrival.id, known.identity)
                } catch let error as GranaryError where error.disposition == .quarantine {
                    try session.end(
                        arrival.id, from: arrival.state, as: .quarantined, Reason(error), at: now, by: actor)
                }
            }
        }
    }
}

extension SQLSession {
    fileprivate func name(_ arrival: Int64, _ identity: ArrivalIdentity) throws {
        try execute(
            "UPDATE arrival SET collection = ?, version = ?, granule = ?, file_name = ?, file_type = ? WHERE id = ?",
            [
                identity.collection.name, identity.collection.version, identity.granule, identity.fileName,
                identity.fileType, arrival,
            ])
    }
}

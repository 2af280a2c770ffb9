// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension StagingWatcher {
    /// Reads manifests, and takes over what they promise.
    ///
    /// They are read as soon as they are seen: a torn one does not parse, and is then given time to settle; one that grows
    /// by whole lines comes back as another generation, whose promises take the place of these.
    func readManifests() async throws {
        for arrival in try await openManifests() {
            try Task.checkCancellation()
            try await readManifest(arrival)
        }
        let (name, now) = (configuration.name, catalog.clock.now())
        try await catalog.write { try $0.settlePromised(source: name, at: now) }
    }

    /// Open arrivals that no collection knows are few: manifests, and what is about to be set aside.
    private func openManifests() async throws -> [ArrivalRecord] {
        let name = configuration.name
        return try await catalog.read { session in
            try session.query(
                """
                SELECT * FROM arrival WHERE source = ? AND ended_at IS NULL AND collection IS NULL ORDER BY id
                """,
                [name]
            ).map(ArrivalRecord.init(row:)).filter { ManifestName($0.path) != nil }
        }
    }

    private func readManifest(_ arrival: ArrivalRecord) async throws {
        guard let name = ManifestName(arrival.path) else { return }
        do {
            let limit = name.sidecarOf == nil ? Limits.manifestBytes : Limits.sidecarBytes
            let content = try await source.read(arrival.path, limit: limit)
            let promises = try ManifestParser.promises(of: name, content: content)
            try await believe(arrival, promises)
        } catch let error as GranaryError where error.disposition == .quarantine || error.code == .limitReached {
            if arrival.settledAt != nil { try await setAside(arrival, Reason(error)) }
        } catch let error as GranaryError where error.code == .notFound || error.code == .sourceChanged {
            // Gone or replaced since the listing; the next listing says which.
            return
        }
    }

    private func believe(_ arrival: ArrivalRecord, _ promises: [PromisedFile]) async throws {
        let (source, actor, now) = (configuration.name, actor, catalog.clock.now())
        try await catalog.write { session in
            try session.replacePromises(source: source, manifest: arrival.path, with: promises, at: now)
            try session.end(arrival.id, from: arrival.state, as: .ignored, .manifestRead, at: now, by: actor)
        }
        try await proveLate(promises)
    }

    func setAside(_ arrival: ArrivalRecord, _ reason: Reason) async throws {
        let (actor, now) = (actor, catalog.clock.now())
        try await catalog.write { session in
            try session.end(arrival.id, from: arrival.state, as: .quarantined, reason, at: now, by: actor)
        }
    }
}

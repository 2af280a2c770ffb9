// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension StagingWatcher {
    /// Reads manifests, and takes over what they promise, many in one transaction.
    ///
    /// They are read as soon as they are seen: a torn one does not parse, and is then given time to settle; one that grows
    /// by whole lines comes back as another generation, whose promises take the place of these.
    func readManifests(among arrivals: [ArrivalRecord]) async throws {
        var read: [ReadManifest] = []
        for arrival in arrivals {
            try Task.checkCancellation()
            if let manifest = try await readManifest(arrival) { read.append(manifest) }
            guard read.reduce(0, { $0 + $1.promises.count }) >= Limits.batchPromises else { continue }
            try await believe(read)
            read = []
        }
        if !read.isEmpty { try await believe(read) }
    }

    /// Nil when it is no manifest, or one that is not whole yet.
    private func readManifest(_ arrival: ArrivalRecord) async throws -> ReadManifest? {
        guard let name = ManifestName(arrival.path) else { return nil }
        let isSettled = arrival.settledAt != nil
        do {
            let content = try await source.read(arrival.path, limit: Limits.manifestBytes)
            let promises = try ManifestParser.promises(of: name, content: content, isSettled: isSettled)
            return ReadManifest(arrival: arrival, promises: promises)
        } catch let error as GranaryError where error.disposition == .quarantine || error.code == .limitReached {
            return isSettled ? ReadManifest(arrival: arrival, promises: [], fault: Reason(error)) : nil
        } catch let error as GranaryError where error.code == .notFound || error.code == .sourceChanged {
            // Gone or replaced since the listing; the next listing says which.
            return nil
        }
    }

    /// Late proof comes first: once a manifest is marked as read nobody reads it again, and proving twice does no harm.
    private func believe(_ manifests: [ReadManifest]) async throws {
        try await proveLate(manifests.flatMap(\.promises))
        let (source, actor, now) = (configuration.name, actor, catalog.clock.now())
        try await catalog.write { session in
            for manifest in manifests { try manifest.record(in: session, source: source, at: now, by: actor) }
        }
    }
}

/// A manifest that has been read: with its promises, or with the reason why it can't be believed.
private struct ReadManifest: Sendable {
    var arrival: ArrivalRecord
    var promises: [PromisedFile]
    var fault: Reason?

    func record(in session: any SQLSession, source: String, at moment: Timestamp, by actor: String) throws {
        let state: ArrivalState = fault == nil ? .ignored : .quarantined
        if fault == nil {
            try session.replacePromises(source: source, manifest: arrival.path, with: promises, at: moment)
        }
        try session.end(
            arrival.id, from: arrival.state, as: state, fault ?? .manifestRead, at: moment, by: actor)
    }
}

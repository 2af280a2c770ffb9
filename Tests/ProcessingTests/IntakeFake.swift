// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import Synchronization

/// An intake that knows one collection, OUT.1 with files `*.nc` and `*.png`, and archives into the catalog only.
///
/// It keeps every offer and the text of every offered file. Bytes that it has seen under the same name are duplicates.
final class IntakeFake: GranuleIntake {
    struct Taken: Sendable {
        var offer: GranuleOffer
        var texts: [String: String]
    }
    private struct State {
        var taken: [Taken] = []
        var archived: [String: (id: Int64, texts: [String: String])] = [:]
        var verdict: GranuleVerdict?
    }
    private let catalog: Catalog
    private let state = Mutex(State())

    init(_ catalog: Catalog) { self.catalog = catalog }

    var taken: [Taken] { state.withLock { $0.taken } }
    /// What it answers from now on instead of taking anything.
    func answer(_ verdict: GranuleVerdict?) { state.withLock { $0.verdict = verdict } }

    func recognize(_ names: [BytePath]) throws -> Recognition {
        var groups: [String: Recognition.Group] = [:]
        var leftOver: [BytePath] = []
        for name in names {
            let parts = name.description.split(separator: ".")
            guard parts.count == 2, let type = ["nc": FileType.data, "png": .browse][parts[1]] else {
                leftOver.append(name)
                continue
            }
            let granule = String(parts[0])
            let made = Recognition.Group(collection: CollectionID(name: "OUT", version: "1"), granule: granule)
            groups[granule, default: made].members.append(Recognition.Member(name, type))
        }
        return Recognition(groups: groups.values.sorted { $0.granule < $1.granule }, leftOver: leftOver)
    }

    func take(
        _ offers: [GranuleOffer], mode: IntakeMode,
        alongside: @escaping @Sendable (any SQLSession, [GranuleVerdict]) throws -> Void
    ) async throws -> [GranuleVerdict] {
        if let verdict = state.withLock({ $0.verdict }) {
            let verdicts = offers.map { _ in verdict }
            try await catalog.write { try alongside($0, verdicts) }
            return verdicts
        }
        var taken: [Taken] = []
        for offer in offers { taken.append(Taken(offer: offer, texts: try await texts(of: offer))) }
        let known = state.withLock { $0.archived }
        let (all, now) = (taken, catalog.clock.now())
        let verdicts = try await catalog.write { session in
            let verdicts = try all.map { taken -> GranuleVerdict in
                if let same = known[taken.offer.granule], same.texts == taken.texts { return .duplicate(of: same.id) }
                return .archived(try session.archive(taken.offer, at: now))
            }
            try alongside(session, verdicts)
            return verdicts
        }
        remember(all, verdicts)
        return verdicts
    }

    private func remember(_ taken: [Taken], _ verdicts: [GranuleVerdict]) {
        state.withLock { state in
            state.taken += taken
            for case (let one, .archived(let id)) in zip(taken, verdicts) {
                state.archived[one.offer.granule] = (id, one.texts)
            }
        }
    }

    private func texts(of offer: GranuleOffer) async throws -> [String: String] {
        var texts: [String: String] = [:]
        for file in offer.files {
            texts[file.name.description] = String(
                decoding: try await offer.store.read(file.entry.path, limit: 1000), as: UTF8.self)
        }
        return texts
    }
}

extension SQLSession {
    fileprivate func archive(_ offer: GranuleOffer, at moment: Timestamp) throws -> Int64 {
        let id = try insertGranule(
            GranuleID(collection: offer.collection, name: offer.granule), jobID: offer.jobID, metadata: offer.metadata,
            at: moment)
        return id
    }

    /// An archived granule's row.
    func insertGranule(
        _ identity: GranuleID, type: ProcessingType = .forward, jobID: Int64? = nil, metadata: String = "{}",
        at moment: Timestamp
    ) throws -> Int64 {
        let id = try insert(
            """
            INSERT INTO granule (collection, version, name, revision, state, provider, processing_type, readiness,
                verification, job_id, metadata, observed_at, archived_at)
            VALUES (?, ?, ?, ?, 'archived', 'P', ?, 'manifest', 'self', ?, ?, ?, ?) RETURNING id
            """,
            [
                identity.collection.name, identity.collection.version, identity.name, identity.revision, type, jobID,
                metadata, moment, moment,
            ])
        return id ?? 0
    }

    func insertFile(_ name: String, of granule: Int64, type: FileType = .data, archivePath: String) throws {
        try execute(
            """
            INSERT INTO file (granule_id, name, type, size, archive_path, sha256, verification)
            VALUES (?, ?, ?, 1, ?, ?, 'self')
            """,
            [granule, BytePath(name), type, BytePath(archivePath), Checksum(.sha256, of: Array(name.utf8))])
    }
}

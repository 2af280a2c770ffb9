// SPDX-License-Identifier: Apache-2.0
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Synchronization

/// The least that keeps the contract of `GranuleIntake`: reads, compares, copies, and records with what is alongside.
final class PlainIntake: GranuleIntake {
    let catalog: Catalog
    let archive: MemoryStore
    let reaction: (any ArchivalReaction)?
    private let postponements = Mutex(0)
    private let taken = Mutex(0)

    init(catalog: Catalog, archive: MemoryStore, reaction: (any ArchivalReaction)? = nil) {
        self.catalog = catalog
        self.archive = archive
        self.reaction = reaction
    }

    /// Offers that were read, duplicates included.
    var offersTaken: Int { taken.withLock { $0 } }

    /// Lets the next offers end in nothing, as when the archive is full.
    func postponeNext(_ count: Int) { postponements.withLock { $0 = count } }

    func recognize(_ names: [BytePath]) throws -> Recognition { Recognition(groups: [], leftOver: names) }

    func take(
        _ offers: [GranuleOffer], mode: IntakeMode,
        alongside: @escaping @Sendable (any SQLSession, [GranuleVerdict]) throws -> Void
    ) async throws -> [GranuleVerdict] {
        taken.withLock { $0 += offers.count }
        let isPostponed = postponements.withLock { left in
            defer { left = max(0, left - 1) }
            return left > 0
        }
        var faults: [GranaryError?] = []
        for offer in offers { faults.append(isPostponed ? nil : await fault(of: offer)) }
        let (now, found) = (catalog.clock.now(), faults)
        return try await catalog.write { session in
            let verdicts = try zip(offers, found).map { offer, fault in
                if isPostponed { return GranuleVerdict.postponed(.planned(.storeFull)) }
                return try fault.map { .quarantined($0) } ?? self.record(offer, in: session, at: now)
            }
            try alongside(session, verdicts)
            return verdicts
        }
    }

    private func fault(of offer: GranuleOffer) async -> GranaryError? {
        for file in offer.files {
            guard let bytes = try? await offer.store.read(file.entry.path, limit: 1 << 20) else {
                return GranaryError(.sourceUnreadable, "\(file.name) is unreadable.", remedy: "Send it again.")
            }
            if let size = file.size, size != bytes.count {
                return GranaryError(.sizeMismatch, "\(file.name) has another size.", remedy: "Send it again.")
            }
            if file.checksums.contains(where: { Checksum($0.algorithm, of: bytes) != $0 }) {
                return GranaryError(.checksumMismatch, "\(file.name) has another checksum.", remedy: "Send it again.")
            }
            archive.put(path(offer, file), bytes)
        }
        return nil
    }

    private func path(_ offer: GranuleOffer, _ file: OfferedFile) -> BytePath {
        BytePath("\(offer.collection.name)/\(offer.granule)").appending(file.name)
    }

    private func record(_ offer: GranuleOffer, in session: any SQLSession, at now: Timestamp) throws -> GranuleVerdict {
        let identity = GranuleID(collection: offer.collection, name: offer.granule)
        if let known = try session.revisions(of: identity).last { return .duplicate(of: known.id) }
        let id = try session.insert(
            """
            INSERT INTO granule (collection, version, name, state, provider, processing_type, readiness, verification,
                available_at, observed_at, settled_at, verified_at, archived_at)
            VALUES (?, ?, ?, 'archived', ?, ?, ?, 'provider', ?, ?, ?, ?, ?) RETURNING id
            """,
            [
                identity.collection.name, identity.collection.version, identity.name, offer.provider,
                offer.processingType, offer.readiness, now, now, now, now, now,
            ])
        guard let id else { throw GranaryError(.catalogFailed, "no granule", remedy: "none") }
        try session.born(.granule, id, as: GranuleState.archived, at: now, because: Cause("archived", by: "test"))
        for file in offer.files {
            try session.execute(
                """
                INSERT INTO file (granule_id, name, type, size, archive_path, sha256, provided_checksum, verification)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    id, file.name, file.type, file.entry.size, path(offer, file),
                    Checksum(.sha256, of: archive.bytes(at: path(offer, file)) ?? []), file.checksums.first,
                    file.checksums.isEmpty ? Verification.own : .provider,
                ])
        }
        if let granule = try session.granule(id) {
            try reaction?.granuleArchived(granule, files: session.files(ofGranule: id), in: session, at: now)
        }
        return .archived(id)
    }
}

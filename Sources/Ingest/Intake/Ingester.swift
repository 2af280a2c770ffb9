// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore

/// The one way into the archive: reads, compares, publishes and records granules, all files of one or none.
///
/// The order survives a power cut: arrivals are marked `verifying` → bytes are staged and judged → published durably →
/// verdicts, milestones and what follows from them are committed at once. Only then may anyone touch the source. Each step
/// may be done again without harm: archive paths are a function of the granule, and what is there is compared, not replaced.
public struct Ingester: GranuleIntake {
    let catalog: Catalog
    let archive: any ArchiveStore
    let names: NameRecognizer
    let reactions: [any ArchivalReaction]

    static let actor = "ingest"

    public init(
        catalog: Catalog, archive: any ArchiveStore, names: NameRecognizer, reactions: [any ArchivalReaction] = []
    ) {
        self.catalog = catalog
        self.archive = archive
        self.names = names
        self.reactions = reactions
    }

    public func recognize(_ names: [BytePath]) throws -> Recognition { try self.names.group(names) }

    public func take(
        _ offers: [GranuleOffer], mode: IntakeMode,
        alongside: @escaping @Sendable (any SQLSession, [GranuleVerdict]) throws -> Void
    ) async throws -> [GranuleVerdict] {
        let claimed = try await claim(offers)
        crashPoint(.ingestVerifying)
        do {
            let cases = try await published(try await examine(claimed), mode: mode)
            let verdicts = try await record(cases, alongside: alongside)
            crashPoint(.ingestRecorded)
            return verdicts
        } catch {
            await release(claimed, because: error)
            throw error
        }
    }

    /// Outputs of one job are withdrawn before and after: what was published of them stays unrecorded, and the next attempt
    /// finds it there.
    private func published(_ cases: [IntakeCase], mode: IntakeMode) async throws -> [IntakeCase] {
        guard mode == .allOrNone else { return try await publish(cases) }
        return try await publish(cases.withdrawnUnlessAllGood).withdrawnUnlessAllGood
    }

    /// What would become of the offers: everything but the effects, with the verdict that `take` would give.
    public func rehearse(_ offers: [GranuleOffer]) async throws -> [Rehearsal] {
        let cases = try await examine(offers.map { IntakeCase(offer: $0) })
        await archive.discard(cases.flatMap(\.copies))
        return cases.map(Rehearsal.init)
    }

    /// Reads what the archive holds under each name, copies the bytes into its temporary space, and judges.
    private func examine(_ cases: [IntakeCase]) async throws -> [IntakeCase] {
        var cases = try await lookUp(cases)
        await stage(&cases)
        let now = catalog.clock.now()
        for index in cases.indices where !cases[index].isPutOff {
            cases[index].verifiedAt = now
            cases[index].judgement = cases[index].judged()
        }
        return cases
    }

    private func lookUp(_ cases: [IntakeCase]) async throws -> [IntakeCase] {
        try await catalog.read { [names] session in
            try cases.map { item in
                var item = item
                item.collection = names.collection(item.offer.collection)
                item.current = try session.archived(
                    GranuleID(collection: item.offer.collection, name: item.offer.granule))
                return item
            }
        }
    }
}

extension [IntakeCase] {
    /// When one output of a job is refused the others are withdrawn; when one only has to wait they all do.
    fileprivate var withdrawnUnlessAllGood: [IntakeCase] {
        guard !allSatisfy(\.isGood) else { return self }
        let passing = lazy.compactMap { item -> GranaryError? in
            if case .postpone(let error) = item.judgement { error } else { nil }
        }.first
        return map { item in
            var item = item
            if let passing {
                item.judgement = .postpone(passing)
            } else if item.isToPublish {
                item.judgement = .quarantine(.outputsRefused, faults: [:])
            }
            return item
        }
    }
}

extension SQLSession {
    /// The latest archived revision under an identity.
    fileprivate func archived(_ identity: GranuleID) throws -> ArchivedGranule? {
        guard let granule = try revisions(of: identity).last(where: { $0.archivedAt != nil }) else { return nil }
        return ArchivedGranule(granule: granule, files: try files(ofGranule: granule.id))
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension StagingWatcher {
    /// Offers of the granules that are ready; of the others the ledger says what they wait for, all in one transaction.
    func offers(of groups: [[ArrivalRecord]]) async throws -> [GranuleOffer] {
        let settled = groups.filter { $0.allSatisfy { $0.settledAt != nil } }
        guard !settled.isEmpty else { return [] }
        var offers: [GranuleOffer] = []
        var waits: [Wait] = []
        for gathering in try await gather(settled) {
            switch try step(of: gathering) {
            case .take(let offer): offers.append(offer)
            case .wait(let wait): if !wait.changesNothing { waits.append(wait) }
            }
        }
        let news = waits
        if !news.isEmpty { try await catalog.write { session in for wait in news { try wait.record(in: session) } } }
        return offers
    }

    private enum Step {
        case take(GranuleOffer)
        case wait(Wait)
    }

    /// What the ledger knows besides of granules, read at once for the whole batch.
    private func gather(_ groups: [[ArrivalRecord]]) async throws -> [Gathering] {
        let name = configuration.name
        return try await catalog.read { session in
            try groups.map { try Gathering($0.firstOfEachName, source: name, in: session) }
        }
    }

    private func step(of gathering: Gathering) throws -> Step {
        let arrivals = gathering.arrivals
        let id = arrivals.first?.collection ?? CollectionID(name: "", version: "")
        guard let collection = ingester.names.collection(id) else {
            return .wait(wait(gathering, .refused(.unknownCollection(id)), offer(gathering, of: nil), nil))
        }
        let offer = offer(gathering, of: collection)
        let obstacle = try gathering.obstacle(to: offer, collection, at: catalog.steady.now())
        return obstacle.map { .wait(wait(gathering, $0, offer, collection)) } ?? .take(offer)
    }

    private func wait(
        _ gathering: Gathering, _ obstacle: Obstacle, _ offer: GranuleOffer, _ collection: Collection?
    ) -> Wait {
        var item = IntakeCase(offer: offer, arrivals: gathering.arrivals)
        item.current = gathering.archived.map { ArchivedGranule(granule: $0, files: []) }
        return Wait(
            obstacle: obstacle, item: item, pending: gathering.pending, patience: collection?.wait ?? .zero,
            actor: actor,
            now: catalog.clock.now(), steady: catalog.steady.now())
    }

    private func offer(_ gathering: Gathering, of collection: Collection?) -> GranuleOffer {
        let arrivals = gathering.arrivals
        var offer = GranuleOffer(
            source: configuration.name, store: source,
            collection: arrivals[0].collection ?? CollectionID(name: "", version: ""),
            granule: arrivals[0].granule ?? "", provider: collection?.provider ?? "", files: gathering.files,
            readiness: arrivals.weakestReadiness, processingType: collection?.processingType ?? .forward,
            settledAt: arrivals.compactMap(\.settledAt).max() ?? catalog.clock.now())
        let recognized = arrivals.compactMap { try? collection?.recognize($0.fileName ?? $0.path.name) }
        let sensed = recognized.compactMap(\.sensed)
        offer.metadata = metadata(recognized)
        offer.sensedStart = sensed.map(\.start).min()
        offer.sensedEnd = sensed.map(\.end).max()
        return offer
    }

    /// What the names say besides granule and time: the other groups of the patterns.
    private func metadata(_ names: [RecognizedName]) -> String {
        var object = JSONObject()
        for (group, value) in names.flatMap(\.groups).sorted(by: { $0.key < $1.key })
        where !RecognizedName.ownGroups.contains(group) {
            object[group] = .string(value)
        }
        return JSONValue.object(object).text
    }
}

extension [ArrivalRecord] {
    /// One arrival for each file name; what came twice is looked at again after the first.
    ///
    /// Files that came together stay together: the folder that holds most of the granule goes first, others only fill in
    /// what it lacks, so that a resend in a folder of its own is judged as a whole.
    fileprivate var firstOfEachName: [ArrivalRecord] {
        let folders = Dictionary(grouping: self, by: \.path.directory)
            .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        var seen: Set<BytePath> = []
        return folders.flatMap(\.value).filter { seen.insert($0.fileName ?? $0.path).inserted }
    }

    /// A granule is as well known to be finished as the least of its files.
    fileprivate var weakestReadiness: Readiness {
        let ranks = compactMap(\.readiness)
        return Readiness.allCases.last { ranks.contains($0) } ?? .inferred
    }
}

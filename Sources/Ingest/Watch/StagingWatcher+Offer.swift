// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension StagingWatcher {
    /// An offer of a granule's settled arrivals, or nil when it is not ready: then its arrivals say what they wait for.
    func offer(of arrivals: [ArrivalRecord]) async throws -> GranuleOffer? {
        guard let id = arrivals.first?.collection, let collection = ingester.names.collection(id) else {
            for arrival in arrivals { try await setAside(arrival, .unknownCollection(arrival.collection ?? .none)) }
            return nil
        }
        let files = firstOfEachName(arrivals)
        let promises = try await promises(for: files)
        let offer = offer(files, promises, of: collection)
        let accepted = Set(files.indices.filter { files[$0].acceptedBy != nil })
        guard let obstacle = try await obstacle(to: offer, accepted: accepted, collection) else { return offer }
        try await wait(files, for: obstacle, offer, collection)
        return nil
    }

    /// One arrival for each file name; what came twice, as from two folders, is looked at again after the first.
    private func firstOfEachName(_ arrivals: [ArrivalRecord]) -> [ArrivalRecord] {
        var seen: Set<BytePath> = []
        return arrivals.filter { seen.insert($0.fileName ?? $0.path).inserted }
    }

    private func promises(for arrivals: [ArrivalRecord]) async throws -> [[Checksum]] {
        let name = configuration.name
        return try await catalog.read { session in
            try arrivals.map { try $0.acceptedBy == nil ? session.promises(source: name, path: $0.path) : [] }
        }
    }

    private func offer(_ arrivals: [ArrivalRecord], _ promises: [[Checksum]], of collection: Collection) -> GranuleOffer
    {
        let files = zip(arrivals, promises).map { arrival, checksums in
            OfferedFile(
                entry: StoreEntry(
                    path: arrival.path, kind: .file, size: arrival.size, modified: arrival.availableAt,
                    generation: arrival.generation),
                name: arrival.fileName ?? arrival.path.name, type: arrival.fileType ?? .data, checksums: checksums,
                arrivalID: arrival.id)
        }
        var offer = GranuleOffer(
            source: configuration.name, store: source, collection: collection.id, granule: arrivals[0].granule ?? "",
            provider: collection.provider, files: files, readiness: arrivals.weakestReadiness,
            processingType: collection.processingType,
            settledAt: arrivals.compactMap(\.settledAt).max() ?? catalog.clock.now())
        let sensed = arrivals.compactMap { try? collection.recognize($0.fileName ?? $0.path)?.sensed }
        offer.sensedStart = sensed.map(\.start).min()
        offer.sensedEnd = sensed.map(\.end).max()
        return offer
    }
}

extension CollectionID {
    fileprivate static let none = CollectionID(name: "(none)", version: "")
}

extension [ArrivalRecord] {
    /// A granule is as well known to be finished as the least of its files.
    fileprivate var weakestReadiness: Readiness {
        let ranks = compactMap(\.readiness)
        return Readiness.allCases.last { ranks.contains($0) } ?? .inferred
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension StagingWatcher {
    /// Takes in every granule that is ready, in batches, until a walk over all settled arrivals is done.
    ///
    /// Batches overlap: while one is recorded the next one is read. Returns for how many granules a verdict was given.
    func takeReady() async throws -> Int {
        var walk = ReadyWalk(watcher: self)
        return try await withThrowingTaskGroup(of: Int.self) { group in
            var taken = 0
            var running = 0
            while let batch = try await walk.next() {
                if running == batchesAtOnce { taken += try await group.next() ?? 0 } else { running += 1 }
                group.addTask { try await take(batch) }
            }
            for try await count in group { taken += count }
            return taken
        }
    }

    private func take(_ offers: [GranuleOffer]) async throws -> Int {
        let verdicts = try await ingester.take(offers, mode: .eachByItself) { _, _ in }
        if configuration.afterwards == .delete { try await removeSources(of: offers, verdicts) }
        crashPoint(.ingestSourceDone)
        return verdicts.count
    }

    /// Only what is durable in the archive, and only if it still is the very generation that was read.
    private func removeSources(of offers: [GranuleOffer], _ verdicts: [GranuleVerdict]) async throws {
        for (offer, verdict) in zip(offers, verdicts) where verdict.isStored {
            for file in offer.files { _ = try await source.remove(file.entry.path, generation: file.entry.generation) }
        }
    }
}

/// Two batches keep both the disk and the ledger busy; more would only hold more memory.
private let batchesAtOnce = 2

extension GranuleVerdict {
    var isStored: Bool {
        switch self {
        case .archived, .duplicate: true
        case .quarantined, .postponed: false
        }
    }
}

/// Walks over a source's settled arrivals granule by granule, and makes batches of offers of those that are ready.
private struct ReadyWalk {
    let watcher: StagingWatcher
    private var position: Position?
    private var pending: [ArrivalRecord] = []
    private var isAtEnd = false

    private struct Position {
        var collection: String
        var version: String
        var granule: String
        var id: Int64
    }

    init(watcher: StagingWatcher) { self.watcher = watcher }

    /// The next batch, or nil at the end. Granules that are not ready are told to wait on the way.
    mutating func next() async throws -> [GranuleOffer]? {
        var offers: [GranuleOffer] = []
        var bytes: Int64 = 0
        while offers.count < Limits.batchFiles, bytes < Limits.batchBytes, let group = try await nextGroup() {
            guard let offer = try await watcher.offer(of: group) else { continue }
            offers.append(offer)
            bytes += group.reduce(0) { $0 + $1.size }
        }
        return offers.isEmpty ? nil : offers
    }

    /// The arrivals of one granule.
    private mutating func nextGroup() async throws -> [ArrivalRecord]? {
        while !isAtEnd, pending.isEmpty || pending.first?.isOfSameGranule(as: pending.last) == true {
            try await readPage()
        }
        guard let first = pending.first else { return nil }
        let group = pending.prefix { $0.isOfSameGranule(as: first) }
        pending.removeFirst(group.count)
        return Array(group)
    }

    private mutating func readPage() async throws {
        let (name, start) = (watcher.configuration.name, position)
        let page = try await watcher.catalog.read { session in
            try session.query(
                """
                SELECT * FROM arrival
                WHERE source = ? AND ended_at IS NULL AND settled_at IS NOT NULL AND state <> 'verifying'
                    AND (collection, version, granule, id) > (?, ?, ?, ?)
                ORDER BY collection, version, granule, id LIMIT ?
                """,
                [
                    name, start?.collection ?? "", start?.version ?? "", start?.granule ?? "", start?.id ?? 0,
                    Limits.rowPage,
                ]
            ).map(ArrivalRecord.init(row:))
        }
        isAtEnd = page.count < Limits.rowPage
        if let last = page.last, let collection = last.collection, let granule = last.granule {
            position = Position(collection: collection.name, version: collection.version, granule: granule, id: last.id)
        }
        pending += page
    }
}

extension ArrivalRecord {
    fileprivate func isOfSameGranule(as other: ArrivalRecord?) -> Bool {
        // Granule names are compared as bytes: NFC and NFD twins are two granules.
        guard let other, collection == other.collection, let granule, let theirs = other.granule else { return false }
        return granule.utf8.elementsEqual(theirs.utf8)
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// Walks over a source's open arrivals granule by granule, a batch of granules at a time.
struct GranuleWalk {
    private let watcher: StagingWatcher
    private var position = Position()
    private var pending: ArraySlice<ArrivalRecord> = []
    private var isAtEnd = false

    private struct Position {
        var collection = ""
        var version = ""
        var granule = ""
        var id: Int64 = 0
    }

    init(_ watcher: StagingWatcher) { self.watcher = watcher }

    /// The next granules, each with all its open arrivals; nil at the end.
    mutating func next() async throws -> [[ArrivalRecord]]? {
        var groups: [[ArrivalRecord]] = []
        var files = 0
        var bytes: Int64 = 0
        while files < Limits.batchFiles, bytes < Limits.batchBytes, let group = try await nextGroup() {
            groups.append(group)
            files += group.count
            // A server may state any size.
            bytes += group.reduce(0) { $0 + min($1.size, Limits.batchBytes) }
        }
        return groups.isEmpty ? nil : groups
    }

    private mutating func nextGroup() async throws -> [ArrivalRecord]? {
        while !isAtEnd, pending.isEmpty || pending.first?.isOfSameGranule(as: pending.last) == true {
            try await readPage()
        }
        guard let first = pending.first else { return nil }
        let group = pending.prefix { $0.isOfSameGranule(as: first) }
        pending = pending.dropFirst(group.count)
        return Array(group)
    }

    private mutating func readPage() async throws {
        let (name, start) = (watcher.configuration.name, position)
        let page = try await watcher.catalog.read { session in
            try session.query(
                """
                SELECT * FROM arrival
                WHERE source = ? AND ended_at IS NULL AND state <> 'verifying'
                    AND (collection, version, granule, id) > (?, ?, ?, ?)
                ORDER BY collection, version, granule, id LIMIT ?
                """,
                [name, start.collection, start.version, start.granule, start.id, Limits.rowPage]
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

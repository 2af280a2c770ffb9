// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension Destination {
    /// Whether this partner receives this granule. Throws `filter.invalid` when the filter cannot be carried out.
    func wants(_ granule: GranuleRecord, files: [FileRecord]) throws -> Bool {
        guard collections.isEmpty || collections.contains(granule.identity.collection) else { return false }
        return try filter?.matches(properties(of: granule, files)) ?? true
    }
}

private func properties(of granule: GranuleRecord, _ files: [FileRecord]) -> [String: FilterValue] {
    let values: [String: FilterValue?] = [
        "collection": .string(granule.identity.collection.name),
        "version": .string(granule.identity.collection.version),
        "granule": .string(granule.identity.name),
        "revision": .integer(Int64(granule.identity.revision)),
        "provider": .string(granule.provider),
        "processing_type": .string(granule.processingType.rawValue),
        "files": .integer(Int64(files.count)),
        "bytes": .integer(files.reduce(0) { $0 + $1.size }),
    ]
    return values.compactMapValues { $0 }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension Destination {
    /// Whether this partner receives this granule. Throws `filter.invalid` when the filter cannot be carried out.
    func wants(_ granule: GranuleRecord, files: [FileRecord]) throws -> Bool {
        guard collections.isEmpty || collections.contains(granule.identity.collection) else { return false }
        return try filter?.matches(FilteredGranule(granule, files: files)) ?? true
    }

    /// What is wrong with the filter, in a sentence.
    func filterFault(metadata: [String: FilterType]) -> String? {
        do throws(GranaryError) {
            try filter?.check(against: .granule(metadata: metadata))
            return nil
        } catch {
            return error.message
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// Whether a rule wants a granule. A filter that cannot be carried out is a failure, never a silent no.
func matches(_ rule: Rule, _ granule: GranuleRecord, _ files: [FileRecord]) -> Result<Bool, GranaryError> {
    guard let filter = rule.filter else { return .success(true) }
    return Result { () throws(GranaryError) in try filter.matches(FilteredGranule(granule, files: files)) }
}

/// What keeps a rule's filter from being carried out on granules, as a sentence.
func filterFault(_ rule: Rule) -> String? {
    do {
        try rule.filter?.check(against: .granule(metadata: rule.metadata))
        return nil
    } catch {
        return "Rule \(rule.name): \(error.message)"
    }
}

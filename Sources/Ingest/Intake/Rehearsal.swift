// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
public import GranaryCore

/// What would become of an offer.
public struct Rehearsal: Sendable, Hashable {
    public enum Verdict: String, Sendable, Hashable {
        case archive = "would be archived"
        case duplicate = "is archived already"
        case skip = "would be skipped"
        case quarantine = "would be quarantined"
        case postpone = "cannot be read now"
    }
    public var collection: CollectionID
    public var granule: String
    public var files: [BytePath]
    public var verdict: Verdict
    /// Why, where there is something to say.
    public var reason: String?
    public var remedy: String?

    init(_ item: IntakeCase) {
        collection = item.offer.collection
        granule = item.offer.granule
        files = item.offer.files.map(\.entry.path)
        switch item.judgement {
        case .publish: verdict = .archive
        case .duplicate: verdict = .duplicate
        case .skip(_, let reason): (verdict, self.reason, remedy) = (.skip, reason.text, reason.remedy)
        case .quarantine(let reason, _): (verdict, self.reason, remedy) = (.quarantine, reason.text, reason.remedy)
        case .postpone(let error): (verdict, reason, remedy) = (.postpone, error.message, error.remedy)
        }
    }
}

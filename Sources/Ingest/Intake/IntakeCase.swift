// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// One offer on its way through the intake, with what each step has found out.
struct IntakeCase: Sendable {
    var offer: GranuleOffer
    /// Not claimed: its turn comes after another offer of the same granule, so nothing of it is read now.
    var isPutOff = false
    /// The offer's files in the ledger, in the offer's order; empty in a rehearsal.
    var arrivals: [ArrivalRecord] = []
    var collection: Collection?
    /// The latest archived revision of the granule, with its files.
    var current: ArchivedGranule?
    var staged: [Result<StagedFile, GranaryError>] = []
    var judgement: Judgement = .postpone(.notExamined)
    var verifiedAt = Timestamp(microseconds: 0)

    /// The copies that lie in the archive's temporary space.
    var copies: [StagedFile] { staged.compactMap { try? $0.get() } }

    var isGood: Bool {
        switch judgement {
        case .publish, .duplicate: true
        case .skip, .quarantine, .postpone: false
        }
    }
}

struct ArchivedGranule: Sendable {
    var granule: GranuleRecord
    var files: [FileRecord]
}

/// What is to be done with an offer whose files have been read.
enum Judgement: Sendable {
    /// All files are good and new: publish them under this revision.
    case publish(revision: Int)
    /// The archive holds these very bytes as this granule.
    case duplicate(GranuleRecord)
    /// Other bytes under an identity that is archived, and the collection says to leave them.
    case skip(GranuleRecord, Reason)
    /// At least one file is bad, by its place in the offer, or the whole may not enter.
    case quarantine(Reason, faults: [Int: Reason])
    /// Nothing is wrong with the offer: the source moved under our hands, or a store failed.
    case postpone(GranaryError)
}

extension GranaryError {
    static let notExamined = GranaryError(
        .stateConflict, "The offer has not been examined yet.",
        remedy: "Nothing to do: it is taken up at the next look.",
        disposition: .retry(after: nil))

    static func postponed(_ why: String, subject: String) -> GranaryError {
        GranaryError(
            .stateConflict, why, subject: subject, remedy: "Nothing to do: it is taken up at the next look.",
            disposition: .retry(after: nil))
    }
}

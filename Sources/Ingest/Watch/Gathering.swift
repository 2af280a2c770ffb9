// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// The settled files of one granule, with what the ledger knows of it.
struct Gathering: Sendable {
    /// One for each file name.
    let arrivals: [ArrivalRecord]
    /// What manifests promise of each, in their order; nothing of files that an operator accepted as they are.
    let promises: [[Checksum]]
    /// The revision that is on its way in, or was set aside.
    let pending: GranuleRecord?
    /// The latest revision that is in the archive.
    let archived: GranuleRecord?
    /// Files of the pending revision that were set aside for a fault of their own.
    let faulty: [ArrivalRecord]
    /// Good files that were set aside only because of those.
    let siblings: [ArrivalRecord]

    init(_ arrivals: [ArrivalRecord], source: String, in session: any SQLSession) throws {
        self.arrivals = arrivals
        promises = try arrivals.map { $0.acceptedBy == nil ? try session.promises(source: source, path: $0.path) : [] }
        let identity = GranuleID(
            collection: arrivals[0].collection ?? CollectionID(name: "", version: ""), name: arrivals[0].granule ?? "")
        let revisions = try session.revisions(of: identity)
        pending = revisions.last { $0.isPending }
        archived = revisions.last { $0.archivedAt != nil }
        let aside = try pending.map { pending in
            pending.state == .quarantined
                ? try session.arrivals(ofGranule: pending.id).filter { $0.state == .quarantined } : []
        }
        faulty = (aside ?? []).filter { $0.reasonCode != Reason.siblingCode }
        siblings = (aside ?? []).filter { $0.reasonCode == Reason.siblingCode }
    }

    var files: [OfferedFile] {
        zip(arrivals, promises).map { arrival, checksums in
            OfferedFile(
                entry: StoreEntry(
                    path: arrival.path, kind: .file, size: arrival.size, modified: arrival.availableAt,
                    generation: arrival.generation, isVouched: arrival.isVouched && arrival.acceptedBy == nil),
                name: arrival.fileName ?? arrival.path.name, type: arrival.fileType ?? .data, checksums: checksums,
                arrivalID: arrival.id)
        }
    }
}

extension Gathering {
    /// What stands in the way, or nil when the granule is ready.
    func obstacle(to offer: GranuleOffer, _ collection: Collection, at steady: Timestamp) throws -> Obstacle? {
        if archived == nil, let fault = uncorrected { return .refused(.sibling(of: fault.fileName ?? fault.path.name)) }
        if archived == nil, !siblings.isEmpty { return .siblings }
        let accepted = Set(arrivals.indices.filter { arrivals[$0].acceptedBy != nil })
        let mayBePart = archived != nil && (!collection.conflicts.keepsRevisions || isOverdue(at: steady))
        return try collection.obstacle(to: offer, accepted: accepted, mayBePart: mayBePart)
    }

    private func isOverdue(at steady: Timestamp) -> Bool { pending?.deadlineAt.map { $0 <= steady } ?? false }

    /// A fault for which no corrected file has come: a granule enters whole or not at all.
    private var uncorrected: ArrivalRecord? {
        let here = Set(arrivals.compactMap(\.fileName))
        return faulty.first { fault in fault.fileName.map { !here.contains($0) } ?? true }
    }
}

extension Collection {
    /// What stands in the way of an offer by itself.
    ///
    /// - Parameters:
    ///   - accepted: the files that an operator accepted as they are, by their place.
    ///   - mayBePart: true for a resend that is compared with what is archived, and needs no missing files for that.
    func obstacle(to offer: GranuleOffer, accepted: Set<Int>, mayBePart: Bool) throws -> Obstacle? {
        let missing = mayBePart ? [] : try missing(from: offer.files.map(\.name))
        if !missing.isEmpty { return .missing(missing) }
        let unvouched = offer.files.indices.filter { !accepted.contains($0) && !offer.files[$0].isVouched }
        if checksums == .require, !unvouched.isEmpty { return .noChecksum(unvouched) }
        let empty = unvouched.filter { offer.files[$0].entry.size == 0 }
        return empty.isEmpty ? nil : .empty(empty)
    }
}

extension GranuleRecord {
    /// Not archived and not refused: on its way in, or set aside.
    var isPending: Bool { archivedAt == nil && state != .rejected }
}

extension ConflictPolicy {
    /// Whether a resend with other bytes becomes a revision of its own; it is then waited for until it is whole.
    fileprivate var keepsRevisions: Bool { self == .version || self == .replace }
}

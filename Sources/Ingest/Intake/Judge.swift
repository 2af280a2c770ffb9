// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// The pure rules of the way in: what was promised, what was read and what is archived decide; nothing else does.
extension IntakeCase {
    /// Decides. Bytes first: nothing is compared with the archive unless it is what its provider meant to send.
    func judged() -> Judgement {
        guard let collection else { return .quarantine(.unknownCollection(offer.collection), faults: [:]) }
        guard !offer.files.isEmpty else { return .quarantine(.noFiles, faults: [:]) }
        if let twice = nameGivenTwice { return .quarantine(.sameName(twice), faults: [:]) }
        if let error = passingFault { return .postpone(error) }
        let faults = faults
        if let first = faults.keys.min(), let reason = faults[first] {
            return faults.keys.contains(where: mayStillGrow)
                ? .postpone(reason.error(offer.files[first].entry.path.description))
                : .quarantine(reason, faults: faults)
        }
        guard let current else { return .publish(revision: 1) }
        let differing = differing(from: current.files)
        return differing.isEmpty ? .duplicate(current.granule) : conflict(with: current.granule, differing, collection)
    }

    /// A fault that may pass by itself says nothing about the file.
    private var passingFault: GranaryError? {
        for case .failure(let error) in staged where error.disposition != .quarantine { return error }
        return nil
    }

    private var nameGivenTwice: BytePath? {
        var seen: Set<BytePath> = []
        return offer.files.map(\.name).first { !seen.insert($0).inserted }
    }

    /// A manifest may come before its file is whole: a difference is believed only of a file that has settled by itself.
    private func mayStillGrow(_ index: Int) -> Bool {
        arrivals.indices.contains(index) && offer.files[index].arrivalID != nil
            && arrivals[index].readiness == .manifest
    }

    private var faults: [Int: Reason] {
        var faults: [Int: Reason] = [:]
        for (index, result) in staged.enumerated() {
            switch result {
            case .failure(let error): faults[index] = Reason(error)
            case .success(let copy): faults[index] = fault(of: index, copy)
            }
        }
        return faults
    }

    private func fault(of index: Int, _ copy: StagedFile) -> Reason? {
        let file = offer.files[index]
        if let promised = file.size, promised != copy.size { return .size(promised, copy.size) }
        if let broken = file.checksums.first(where: { copy.digests[$0.algorithm] != $0 }) {
            return .mismatch(broken, copy.digests[broken.algorithm])
        }
        // A web server states a digest with the bytes only; it is compared, though its listing did not promise one.
        if !isAccepted(index), let broken = copy.stated.first(where: { copy.digests[$0.algorithm] != $0 }) {
            return .storeMismatch(broken, copy.digests[broken.algorithm])
        }
        guard file.entry.isVouched else { return nil }
        return file.checksums.isEmpty && copy.stated.isEmpty && collection?.checksums == .require ? .noChecksum : nil
    }

    /// True when an operator takes the bytes for right, whatever anybody states of them.
    private func isAccepted(_ index: Int) -> Bool {
        arrivals.indices.contains(index) && arrivals[index].acceptedBy != nil
    }

    private func differing(from files: [FileRecord]) -> [Int] {
        let known = Dictionary(files.map { ($0.name, $0.sha256) }, uniquingKeysWith: { first, _ in first })
        return staged.indices.filter { index in
            guard case .success(let copy) = staged[index] else { return true }
            return known[offer.files[index].name] != copy.sha256
        }
    }

    private func conflict(with granule: GranuleRecord, _ differing: [Int], _ collection: Collection) -> Judgement {
        let reason = Reason.conflict(granule.identity, collection.conflicts)
        let isWhole = (try? collection.missing(from: offer.files.map(\.name)))?.isEmpty ?? false
        switch collection.conflicts {
        case .skip: return .skip(granule, reason)
        case .version where isWhole, .replace where isWhole: return .publish(revision: granule.identity.revision + 1)
        case .version, .replace, .error:
            return .quarantine(reason, faults: Dictionary(uniqueKeysWithValues: differing.map { ($0, reason) }))
        }
    }
}

extension Reason {
    static func unknownCollection(_ id: CollectionID) -> Reason {
        Reason("collection.unknown", "No collection \(id) is configured.", remedy: "Add the collection, then retry.")
    }

    static let noFiles = Reason("granule.empty", "It comes without a file.", remedy: "Ask its provider for the files.")

    static func sameName(_ name: BytePath) -> Reason {
        Reason(
            "granule.same-name", "Two of its files are called \(name).", remedy: "Ask its provider to tell them apart.")
    }

    static func size(_ promised: Int64, _ found: Int64) -> Reason {
        Reason(
            GranaryError.Code.sizeMismatch.rawValue, "It has \(found) bytes; the provider says \(promised).",
            remedy: "Ask the provider to send it again.")
    }

    static func mismatch(_ promised: Checksum, _ found: Checksum?) -> Reason {
        Reason(
            GranaryError.Code.checksumMismatch.rawValue,
            "Its \(promised.algorithm.rawValue) is \(found?.hex ?? "not known"); the provider says \(promised.hex).",
            remedy: "Ask the provider to send it again; `granary quarantine release` archives it as it is, unverified.")
    }

    static func storeMismatch(_ stated: Checksum, _ found: Checksum?) -> Reason {
        Reason(
            GranaryError.Code.checksumMismatch.rawValue,
            "Its \(stated.algorithm.rawValue) is \(found?.hex ?? "not known"); the store that it lies in says \(stated.hex).",
            remedy: "Have the file put there again; `granary quarantine release` archives it as it is, unverified.")
    }

    static func conflict(_ identity: GranuleID, _ policy: ConflictPolicy) -> Reason {
        switch policy {
        case .error:
            Reason(
                "granule.conflict", "\(identity) is archived with other bytes.",
                remedy: "Find out which is right: reject this one, or let the collection keep revisions and retry.")
        case .skip:
            Reason(
                "granule.skipped", "\(identity) is archived with other bytes, and the collection keeps the first.",
                remedy: "Nothing to do.")
        case .version, .replace:
            Reason(
                "granule.partial-resend",
                "\(identity) is archived with other bytes, and this resend lacks required files.",
                remedy: "Ask the provider to resend the whole granule.")
        }
    }

    static func duplicate(_ identity: GranuleID) -> Reason {
        Reason("granule.duplicate", "The archive holds these very bytes as \(identity).", remedy: "Nothing to do.")
    }

    static let siblingCode = "granule.sibling"

    static func sibling(of name: BytePath) -> Reason {
        Reason(
            siblingCode,
            "\(name) of its granule was set aside, and a granule is archived whole or not at all.",
            remedy: "See to that file: this one follows it.")
    }

    static let outputsRefused = Reason(
        "job.outputs-refused",
        "Another output of the same job was refused, and a job's outputs stand and fall together.",
        remedy: "See to that output; retry the job.")

    static func occupied(_ path: BytePath, _ found: Checksum) -> Reason {
        Reason(
            "archive.occupied", "The archive holds a file at \(path) that the ledger does not know, with \(found).",
            remedy: "Find out where it came from; move it away, then retry.")
    }

    static func owned(_ path: BytePath, by granule: GranuleID) -> Reason {
        Reason(
            "archive.occupied", "The archive holds a file of \(granule) at \(path).",
            remedy: "Change the archive paths of the collections so that no two granules share one, then retry.")
    }
}

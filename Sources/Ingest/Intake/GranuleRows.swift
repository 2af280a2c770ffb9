// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// The rows of a granule on its way in. A granule has at most one revision that is not archived: the pending one.
extension SQLSession {
    func pendingGranule(_ identity: GranuleID) throws -> GranuleRecord? {
        try revisions(of: identity).last { $0.isPending }
    }

    /// Makes the granule's row archived under a revision, from its pending row or anew. Returns its id.
    func archiveGranule(_ item: IntakeCase, revision: Int, at moment: Timestamp) throws -> Int64 {
        let columns = columns(of: item, at: moment)
        let cause = Cause("archived", by: Ingester.actor)
        if let pending = try pendingGranule(item.identity(revision: revision)) {
            try move(
                .granule, pending.id, from: pending.state, to: .archived, at: moment, because: cause,
                set: [
                    ("revision", revision), ("missing", "[]"), ("deadline_at", nil), ("reason_code", nil),
                    ("reason", nil),
                ]
                    + columns)
            return pending.id
        }
        return try insertGranule(item, revision: revision, as: .archived, columns: columns, because: cause, at: moment)
    }

    /// The row of a granule that waits, with the list of what is missing.
    ///
    /// Once nothing is missing any more it waits for something else, such as a checksum, and gets time for that anew.
    func waitingGranule(
        _ item: IntakeCase, missing: [String], deadline: Timestamp, at moment: Timestamp, by actor: String
    ) throws -> GranuleRecord {
        let list = item.list(of: missing)
        guard let pending = try pendingGranule(item.identity(revision: 1)) else {
            let id = try insertGranule(
                item, revision: item.nextRevision, as: .waiting,
                columns: [("missing", list), ("deadline_at", deadline), ("observed_at", item.observedAt ?? moment)],
                because: Cause("waiting for files", by: actor, detail: list), at: moment)
            return try known(id)
        }
        let isNewWait = pending.deadlineAt == nil || (missing.isEmpty && pending.missing != list)
        if pending.missing != list || isNewWait {
            try execute(
                "UPDATE granule SET missing = ?, deadline_at = ? WHERE id = ?",
                [list, isNewWait ? deadline : pending.deadlineAt, pending.id])
        }
        if pending.state == .incomplete, missing.isEmpty {
            try move(
                .granule, pending.id, from: pending.state, to: .waiting, at: moment,
                because: Cause("no file is missing any more", by: actor), set: [("reason_code", nil), ("reason", nil)])
        }
        return try known(pending.id)
    }

    private func known(_ id: Int64) throws -> GranuleRecord {
        guard let granule = try granule(id) else { throw GranaryError.notExamined }
        return granule
    }

    func quarantineGranule(_ item: IntakeCase, _ reason: Reason, at moment: Timestamp) throws -> Int64 {
        let cause = Cause(reason.code, by: Ingester.actor, detail: reason.text)
        let columns: [(String, (any SQLConvertible)?)] = [("reason_code", reason.code), ("reason", reason.text)]
        if let pending = try pendingGranule(item.identity(revision: 1)) {
            guard pending.state != .quarantined else { return pending.id }
            try move(
                .granule, pending.id, from: pending.state, to: .quarantined, at: moment, because: cause, set: columns)
            return pending.id
        }
        return try insertGranule(
            item, revision: item.nextRevision, as: .quarantined,
            columns: columns + [("observed_at", item.observedAt ?? moment)], because: cause, at: moment)
    }

    /// A pending row that turned out to be a duplicate or unwanted ends as rejected.
    func closePending(_ item: IntakeCase, at moment: Timestamp) throws {
        guard let pending = try pendingGranule(item.identity(revision: 1)) else { return }
        try move(
            .granule, pending.id, from: pending.state, to: .rejected, at: moment,
            because: Cause("nothing new in it", by: Ingester.actor))
    }

    func insertFiles(of item: IntakeCase, granule: Int64) throws {
        for (index, copy) in item.copies.enumerated() {
            let file = item.offer.files[index]
            let promise = file.strongestProof(copy)
            try execute(
                """
                INSERT INTO file (granule_id, arrival_id, name, type, size, archive_path, sha256, provided_checksum, verification)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    granule, item.arrivals[index].id, file.name, file.type, copy.size, copy.target, copy.sha256,
                    promise,
                    promise == nil ? Verification.own : .provider,
                ])
        }
    }

    private func insertGranule(
        _ item: IntakeCase, revision: Int, as state: GranuleState, columns: [(String, (any SQLConvertible)?)],
        because cause: Cause, at moment: Timestamp
    ) throws -> Int64 {
        let offer = item.offer
        let all: [(String, (any SQLConvertible)?)] =
            [
                ("collection", offer.collection.name), ("version", offer.collection.version), ("name", offer.granule),
                ("revision", revision), ("state", state), ("provider", offer.provider),
                ("processing_type", offer.processingType), ("readiness", offer.readiness),
            ] + columns
        let names = all.map(\.0).joined(separator: ", ")
        let marks = all.map { _ in "?" }.joined(separator: ", ")
        guard let id = try insert("INSERT INTO granule (\(names)) VALUES (\(marks)) RETURNING id", all.map(\.1)) else {
            throw GranaryError.notExamined
        }
        try born(.granule, id, as: state, at: moment, because: cause)
        return id
    }

    private func columns(of item: IntakeCase, at moment: Timestamp) -> [(String, (any SQLConvertible)?)] {
        let offer = item.offer
        return [
            ("verification", item.verification), ("readiness", offer.readiness), ("job_id", offer.jobID),
            ("sensed_start", offer.sensedStart), ("sensed_end", offer.sensedEnd), ("west", offer.footprint?.west),
            ("south", offer.footprint?.south), ("east", offer.footprint?.east), ("north", offer.footprint?.north),
            ("metadata", offer.metadata), ("available_at", offer.files.map(\.entry.modified).max()),
            ("observed_at", item.observedAt ?? moment), ("settled_at", offer.settledAt),
            ("verified_at", item.verifiedAt), ("archived_at", moment),
        ]
    }
}

extension IntakeCase {
    /// As the ledger keeps what a granule lacks.
    func list(of missing: [String]) -> String { JSONValue.array(missing.map { .string($0) }).text }

    /// When the last of its files was first seen.
    var observedAt: Timestamp? { arrivals.map(\.observedAt).max() }

    /// Verified only when every file was compared with what its provider said.
    fileprivate var verification: Verification {
        zip(offer.files, copies).allSatisfy { $0.strongestProof($1) != nil } ? .provider : .own
    }
}

extension OfferedFile {
    /// What proves most of all that was stated of its bytes and held: what the ledger keeps of several.
    fileprivate func strongestProof(_ copy: StagedFile) -> Checksum? {
        (checksums + (entry.isVouched ? copy.stated : [])).max { $0.algorithm.byteCount < $1.algorithm.byteCount }
    }
}

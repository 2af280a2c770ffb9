// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension Ingester {
    /// Writes the verdicts and all that follows from them, in one transaction.
    func record(
        _ cases: [IntakeCase], alongside: @escaping @Sendable (any SQLSession, [GranuleVerdict]) throws -> Void
    ) async throws -> [GranuleVerdict] {
        let recorder = IntakeRecorder(
            reactions: reactions, now: catalog.clock.now(), steady: catalog.steady.now(), names: names)
        return try await catalog.write { session in
            let verdicts = try cases.map { try recorder.record($0, in: session) }
            try alongside(session, verdicts)
            return verdicts
        }
    }

    /// Lets go of what was claimed when no verdict could be recorded. Where the ledger refuses even that, its watcher puts
    /// the arrivals back at its next look, and recovery those of jobs and messages.
    func release(_ cases: [IntakeCase], because error: any Error) async {
        let recorder = IntakeRecorder(
            reactions: reactions, now: catalog.clock.now(), steady: catalog.steady.now(), names: names)
        let reason = error as? GranaryError ?? .postponed("\(error)", subject: Self.actor)
        try? await catalog.write { session in
            for item in cases { _ = try recorder.postponed(item, reason, in: session) }
        }
    }
}

/// Writes what became of one case.
struct IntakeRecorder: Sendable {
    let reactions: [any ArchivalReaction]
    let now: Timestamp
    let steady: Timestamp
    let names: NameRecognizer

    func record(_ item: IntakeCase, in session: any SQLSession) throws -> GranuleVerdict {
        switch item.judgement {
        case .publish(let revision): try archived(item, revision: revision, in: session)
        case .duplicate(let granule): try duplicate(item, granule, in: session)
        case .skip(let granule, let reason): try skipped(item, granule, reason, in: session)
        case .quarantine(let reason, let faults): try quarantined(item, reason, faults, in: session)
        case .postpone(let error): try postponed(item, error, in: session)
        }
    }

    private func archived(_ item: IntakeCase, revision: Int, in session: any SQLSession) throws -> GranuleVerdict {
        let granule = try session.archiveGranule(item, revision: revision, at: now)
        try session.insertFiles(of: item, granule: granule)
        for arrival in item.arrivals {
            try session.end(arrival.id, from: .verifying, as: .archived, granule: granule, at: now, by: Ingester.actor)
        }
        if let current = item.current?.granule, item.collection?.conflicts == .replace, current.state == .archived {
            try session.move(
                .granule, current.id, from: GranuleState.archived, to: .superseded, at: now,
                because: Cause("superseded by revision \(revision)", by: Ingester.actor))
        }
        try react(to: granule, in: session)
        return .archived(granule)
    }

    private func react(to id: Int64, in session: any SQLSession) throws {
        guard !reactions.isEmpty, let granule = try session.granule(id) else { return }
        let files = try session.files(ofGranule: id)
        for reaction in reactions { try reaction.granuleArchived(granule, files: files, in: session, at: now) }
    }

    private func duplicate(_ item: IntakeCase, _ granule: GranuleRecord, in session: any SQLSession) throws
        -> GranuleVerdict
    {
        for arrival in item.arrivals {
            try session.end(
                arrival.id, from: .verifying, as: .duplicate, granule: granule.id, .duplicate(granule.identity),
                at: now,
                by: Ingester.actor)
        }
        try session.closePending(item, at: now)
        return .duplicate(of: granule.id)
    }

    private func skipped(
        _ item: IntakeCase, _ granule: GranuleRecord, _ reason: Reason, in session: any SQLSession
    ) throws -> GranuleVerdict {
        for arrival in item.arrivals {
            try session.end(arrival.id, from: .verifying, as: .ignored, reason, at: now, by: Ingester.actor)
        }
        try session.closePending(item, at: now)
        return .duplicate(of: granule.id)
    }

    private func quarantined(
        _ item: IntakeCase, _ reason: Reason, _ faults: [Int: Reason], in session: any SQLSession
    ) throws -> GranuleVerdict {
        let granule = try session.quarantineGranule(item, reason, at: now)
        let firstBad = faults.keys.min().map { item.offer.files[$0].name }
        for (index, arrival) in item.arrivals.enumerated() {
            let own = faults[index] ?? firstBad.map(Reason.sibling) ?? reason
            try session.end(arrival.id, from: .verifying, as: .quarantined, own, at: now, by: Ingester.actor)
            try session.assign(arrival.id, to: granule)
        }
        let subject = firstBad?.description ?? item.identity(revision: 1).description
        return .quarantined(reason.error(subject))
    }

    /// A watcher's arrival settles anew, by itself: the manifest's word was not enough. One that a job or message brought ends here: its next attempt brings it again.
    func postponed(_ item: IntakeCase, _ error: GranaryError, in session: any SQLSession) throws
        -> GranuleVerdict
    {
        for (file, arrival) in zip(item.offer.files, item.arrivals) {
            if file.arrivalID == nil {
                try session.end(arrival.id, from: .verifying, as: .vanished, .attemptEnded, at: now, by: Ingester.actor)
            } else {
                try session.reopen(
                    arrival, at: now, steady: steady,
                    because: Cause(error.code.rawValue, by: Ingester.actor, detail: error.message))
                try session.execute(
                    "UPDATE arrival SET readiness = 'inferred', reason_code = ?, reason = ?, remedy = ? WHERE id = ?",
                    [error.code, error.message, error.remedy, arrival.id])
            }
        }
        return .postponed(error)
    }
}

extension Reason {
    func error(_ subject: String) -> GranaryError {
        GranaryError(.init(rawValue: code), text, subject: subject, remedy: remedy, disposition: .quarantine)
    }
}

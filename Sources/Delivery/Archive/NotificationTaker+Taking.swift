// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore
internal import Logging

extension NotificationTaker {
    /// One announcement, from its bytes to its answer.
    func take(_ message: StoredMessage, _ work: WorkItem) async throws {
        let announcement = Announcement(
            message: message, read: PartnerMessage(reading: message.body), work: work, role: roles[message.source])
        switch announcement.read.content {
        case .submission(let submission): try await take(submission, announcement)
        case .unreadable(let why):
            let failure = AnswerFailure(
                code: .validation, message: "\(why) The message begins: \(shown(message.beginning))")
            try await refuse(announcement, failure)
        // Answering an answer or a notice could go on for ever.
        case .response: try await ignore(announcement, "It is a CNM-R, and answers are not answered.")
        case .notice(let name): try await ignore(announcement, "It is a notice of the transport (\(name)).")
        }
    }

    private func take(_ submission: PartnerSubmission, _ announcement: Announcement) async throws {
        guard let role = announcement.role else {
            return try await ignore(announcement, "Its source \(announcement.message.source) is not configured any more.")
        }
        if try await answerAsBefore(announcement) { return }
        do {
            let offer = try await AnnouncedGranule(role: role, submission: submission).offer(
                settledAt: announcement.message.receivedAt)
            crashPoint(.notificationFetched)
            _ = try await intake.take([offer], mode: .eachByItself) { session, verdicts in
                guard let verdict = verdicts.first else { return }
                try conclude(announcement, verdict, in: session)
            }
        } catch let failure as AnswerFailure {
            try await refuse(announcement, failure)
        } catch is CancellationError {
            try await end(announcement, .handedBack)
        } catch let error as GranaryError where error.code == .leaseLost {
            throw error
        } catch {
            let error = error.asGranaryError
            try await catalog.write { try fail(announcement, error, in: $0) }
        }
    }

    /// The very bytes that were archived before are answered with the very bytes of then.
    private func answerAsBefore(_ announcement: Announcement) async throws -> Bool {
        let message = announcement.message
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        return try await catalog.write { session in
            guard let former = try session.successfulAnswer(toBytesOf: message) else { return false }
            let answer = NewAnswer(
                watcher: former.watcher, identifier: former.identifier, granuleID: former.granuleID, body: former.body)
            try session.owe(answer, to: message.id, at: now, due: steady)
            try session.finish(announcement.work, .completed, at: steady)
            return true
        }
    }

    /// Runs in the transaction that records the verdict.
    private func conclude(_ announcement: Announcement, _ verdict: GranuleVerdict, in session: any SQLSession) throws {
        switch verdict {
        case .archived(let id), .duplicate(of: let id):
            guard let granule = try session.granule(id) else {
                throw GranaryError(
                    .catalogFailed, "Granule \(id) is not there, though it was archived.", subject: "granule \(id)",
                    remedy: "Run `granary check catalog`.")
            }
            try answer(announcement, .success(granule, session.files(ofGranule: id)), in: session)
        case .quarantined(let error): try answer(announcement, .failure(AnswerFailure(error)), in: session)
        case .postponed(let error): try postpone(announcement, error, in: session)
        }
    }

    /// An error that passes by itself is waited out; any other is the answer.
    private func fail(_ announcement: Announcement, _ error: GranaryError, in session: any SQLSession) throws {
        guard case .retry = error.disposition else {
            return try answer(announcement, .failure(AnswerFailure(error)), in: session)
        }
        try postpone(announcement, error, in: session)
    }

    /// Later, as often as the role allows; then it counts as a file that could not be fetched.
    private func postpone(_ announcement: Announcement, _ error: GranaryError, in session: any SQLSession) throws {
        let policy = announcement.role?.retry ?? RetryPolicy()
        guard let delay = policy.delay(afterAttempt: announcement.work.attempt, randomness: randomness) else {
            return try answer(
                announcement, .failure(AnswerFailure(code: .transfer, message: error.message)), in: session)
        }
        let steady = catalog.steady.now()
        try session.finish(announcement.work, .retryable(at: steady + delay, error: error.message), at: steady)
    }

    private func refuse(_ announcement: Announcement, _ failure: AnswerFailure) async throws {
        try await catalog.write { try answer(announcement, .failure(failure), in: $0) }
    }

    private func answer(_ announcement: Announcement, _ outcome: AnswerMessage.Outcome, in session: any SQLSession) throws {
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        let message = announcement.message
        let identifier = announcement.read.identifier ?? message.key
        let body = try AnswerMessage(
            announced: announcement.read, identifier: identifier, receivedTime: message.receivedAt, completedTime: now,
            uriBase: announcement.role?.uriBase ?? "", outcome: outcome
        ).bytes(schemas: schemas)
        let answer = NewAnswer(
            watcher: announcement.role?.name ?? message.source, identifier: identifier, granuleID: outcome.granuleID,
            failure: outcome.failure, body: body)
        try session.owe(answer, to: message.id, at: now, due: steady)
        try session.finish(announcement.work, .completed, at: steady)
    }

    private func ignore(_ announcement: Announcement, _ why: String) async throws {
        logger.warning("a message is left alone", metadata: ["message": "\(announcement.message.id)", "why": "\(why)"])
        try await end(announcement, .discarded(error: why))
    }

    private func end(_ announcement: Announcement, _ ending: WorkEnding) async throws {
        let steady = catalog.steady.now()
        try await catalog.write { try $0.finish(announcement.work, ending, at: steady) }
    }
}

/// A stored CNM-S while it is carried out.
struct Announcement: Sendable {
    let message: StoredMessage
    let read: PartnerMessage
    let work: WorkItem
    /// Nil when its place is not configured any more.
    let role: ArchiveRole?
}

extension AnswerMessage.Outcome {
    fileprivate var granuleID: Int64? {
        if case .success(let granule, _) = self { granule.id } else { nil }
    }
    fileprivate var failure: AnswerFailure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}

extension StoredMessage {
    fileprivate var beginning: String { String(decoding: body.prefix(400), as: UTF8.self) }
}

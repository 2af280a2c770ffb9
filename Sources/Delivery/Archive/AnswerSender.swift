// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore
public import Logging
public import ServiceLifecycle

/// Sends the CNM-R that we owe: at least once, always the very bytes of the ledger.
public struct AnswerSender: Service {
    private let catalog: Catalog
    private let publishers: [String: any MessagePublisher]
    private let randomness: any Randomness
    private let interval: Duration
    private let logger: Logger

    private static let batch = 16

    /// - Parameter publishers: by the name of the `ArchiveRole`. Answers of a role without one are written and not sent.
    public init(
        catalog: Catalog, publishers: [String: any MessagePublisher], randomness: any Randomness = SystemRandomness(),
        interval: Duration = .seconds(1), logger: Logger = Logger(label: "granary.delivery")
    ) {
        self.catalog = catalog
        self.publishers = publishers
        self.randomness = randomness
        self.interval = interval
        self.logger = logger
    }

    public func run() async throws { try await atSteadyPace(every: interval, answerOnce) }

    /// Sends one batch of what is due. Returns how many pieces of work it took up.
    @discardableResult
    public func answerOnce() async throws -> Int {
        let claim = WorkClaim(.sendAnswer, owner: "answerer", now: catalog.steady.now(), limit: Self.batch)
        let claimed = try await catalog.write { session in
            try session.claimWork(claim).map { ($0, try session.answer($0.subjectID)) }
        }
        for (work, answer) in claimed {
            try await toleratingLostLease(logger) { try await send(answer, work) }
        }
        return claimed.count
    }

    private func send(_ answer: AnswerRecord?, _ work: WorkItem) async throws {
        guard let answer, answer.state == .pending else { return try await finish(work, .completed) }
        guard let publisher = publishers[answer.watcher] else {
            return try await finish(work, .discarded(error: "\(answer.watcher) has no way for answers."))
        }
        do {
            _ = try await publisher.publish(answer.message)
        } catch is CancellationError {
            return try await finish(work, .handedBack)
        } catch {
            return try await postpone(work, error.asGranaryError)
        }
        crashPoint(.answerSent)
        try await recordSent(answer, work)
    }

    private func recordSent(_ answer: AnswerRecord, _ work: WorkItem) async throws {
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        try await catalog.write { session in
            try session.finish(work, .completed, at: steady)
            try session.execute(
                "UPDATE answer SET state = 'sent', sent_at = ? WHERE id = ? AND state = 'pending'", [now, answer.id])
        }
    }

    private func postpone(_ work: WorkItem, _ error: GranaryError) async throws {
        logger.warning(
            "an answer is not sent yet", metadata: ["answer": "\(work.subjectID)", "error": "\(error.message)"])
        let now = catalog.steady.now()
        let delay = RetryPolicy.aDay.delay(afterAttempt: work.attempt, randomness: randomness)
        try await finish(
            work, delay.map { .retryable(at: now + $0, error: error.message) } ?? .discarded(error: error.message))
    }

    private func finish(_ work: WorkItem, _ ending: WorkEnding) async throws {
        let now = catalog.steady.now()
        try await catalog.write { try $0.finish(work, ending, at: now) }
    }
}

extension AnswerRecord {
    /// The partner chose the identifier: where it is not safe as a file name, its digest stands for it. The body's digest
    /// tells a second answer, after a failure, from the first.
    fileprivate var message: OutgoingMessage {
        let isPlain =
            identifier.utf8.count <= 100 && !identifier.hasPrefix(".")
            && identifier.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || isPlainMark($0)) }
        let name = isPlain ? identifier : Checksum(.sha256, of: Array(identifier.utf8)).hex
        let digest = Checksum(.sha256, of: body).hex.prefix(16)
        return OutgoingMessage(identifier: "\(name)-\(digest)", body: body, attributes: messageAttributes(of: body))
    }
}

private func isPlainMark(_ scalar: Unicode.Scalar) -> Bool { "0123456789-_.".unicodeScalars.contains(scalar) }

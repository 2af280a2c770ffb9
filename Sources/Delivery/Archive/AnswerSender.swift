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

    private static let batch = 100

    /// - Parameter publishers: by the name of the `ArchiveRole`. Answers of a role without one are written and not
    /// sent.
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

    /// Sends one batch of what is due, partner by partner. Returns how many pieces of work it took up.
    @discardableResult
    public func answerOnce() async throws -> Int {
        let claim = WorkClaim(.sendAnswer, owner: "answerer", now: catalog.steady.now(), limit: Self.batch)
        let claimed = try await catalog.write { session in try session.claim(claim) { try session.answer($0) } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (watcher, own) in Dictionary(grouping: claimed, by: \.1.watcher) {
                group.addTask { try await send(own, of: watcher) }
            }
            try await group.waitForAll()
        }
        return claimed.count
    }

    private func send(_ answers: [(work: WorkItem, answer: AnswerRecord)], of watcher: String) async throws {
        let needless = answers.filter { $0.answer.state != .pending }.map { Sent($0.work, $0.answer, .completed) }
        let due = answers.filter { $0.answer.state == .pending }
        guard let publisher = publishers[watcher] else {
            let ending = WorkEnding.discarded(error: "\(watcher) has no way for answers.")
            return try await record(needless + due.map { Sent($0.work, $0.answer, ending) })
        }
        let results = due.isEmpty ? [] : await publisher.publish(due.map(\.answer.message))
        crashPoint(.answerSent)
        try await record(needless + zip(due, results).map { sent($0.work, $0.answer, $1) })
    }

    private func sent(_ work: WorkItem, _ answer: AnswerRecord, _ result: Result<String, any Error>) -> Sent {
        switch result {
        case .success: return Sent(work, answer, .completed, isTaken: true)
        case .failure(is CancellationError): return Sent(work, answer, .handedBack)
        case .failure(let failure):
            let error = failure.asGranaryError
            logger.warning(
                "an answer is not sent yet", metadata: ["answer": "\(answer.id)", "error": "\(error.message)"])
            return Sent(
                work, answer,
                work.ending(after: error, policy: .aDay, randomness: randomness, at: catalog.steady.now()))
        }
    }

    /// All of one partner in one transaction.
    private func record(_ answers: [Sent]) async throws {
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        let lost = try await catalog.write { session in
            try session.recordEach(answers) { sent in
                try session.finish(sent.work, sent.ending, at: steady)
                if sent.isTaken { try session.recordSent(sent.answer, at: now) }
            }
        }
        if lost > 0 { logger.info("claims ran out while they were worked on", metadata: ["claims": "\(lost)"]) }
    }
}

/// What became of one answer.
private struct Sent: Sendable {
    let work: WorkItem
    let answer: AnswerRecord
    let ending: WorkEnding
    /// Whether the broker has it.
    let isTaken: Bool

    init(_ work: WorkItem, _ answer: AnswerRecord, _ ending: WorkEnding, isTaken: Bool = false) {
        self.work = work
        self.answer = answer
        self.ending = ending
        self.isTaken = isTaken
    }
}

extension AnswerRecord {
    /// The partner chose the identifier: where it is not safe as a file name, its digest stands for it. The body's
    /// digest tells a second answer, after a failure, from the first.
    fileprivate var message: OutgoingMessage {
        let isPlain =
            identifier.utf8.count <= 100 && !identifier.hasPrefix(".")
            && identifier.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || isPlainMark($0)) }
        let name = isPlain ? identifier : Checksum(.sha256, of: Array(identifier.utf8)).hex
        let digest = Checksum(.sha256, of: body).hex.prefix(16)
        return OutgoingMessage(
            identifier: "\(name)-\(digest)", body: body, attributes: messageAttributes(of: body), occasion: sends
        ).groupedByCollection
    }
}

private func isPlainMark(_ scalar: Unicode.Scalar) -> Bool { "0123456789-_.".unicodeScalars.contains(scalar) }

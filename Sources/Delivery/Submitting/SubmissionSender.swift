// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore
public import Logging
public import ServiceLifecycle

/// A destination with the way to it.
public struct DestinationRoute: Sendable {
    public var destination: Destination
    public var publisher: any MessagePublisher

    public init(_ destination: Destination, publisher: any MessagePublisher) {
        self.destination = destination
        self.publisher = publisher
    }
}

/// Sends what is pending to its destinations: at least once, always the very bytes of the ledger.
public struct SubmissionSender: Service {
    private let catalog: Catalog
    private let routes: [String: DestinationRoute]
    private let randomness: any Randomness
    private let interval: Duration
    private let batch: Int
    private let logger: Logger

    /// - Parameters:
    ///   - interval: how often to look for work.
    ///   - batch: how many are on their way at the same time.
    public init(
        catalog: Catalog, routes: [DestinationRoute], randomness: any Randomness = SystemRandomness(),
        interval: Duration = .seconds(1), batch: Int = 16, logger: Logger = Logger(label: "granary.delivery")
    ) {
        self.catalog = catalog
        self.routes = Dictionary(routes.map { ($0.destination.name, $0) }) { first, _ in first }
        self.randomness = randomness
        self.interval = interval
        self.batch = batch
        self.logger = logger
    }

    public func run() async throws { try await atSteadyPace(every: interval, sendOnce) }

    /// Sends one batch of what is due. Returns how many pieces of work it took up. Throws when the catalog fails; a broker
    /// that fails is written down and tried again later.
    @discardableResult
    public func sendOnce() async throws -> Int {
        let claimed = try await claim()
        crashPoint(.submissionClaimed)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (work, submission) in claimed {
                group.addTask { try await toleratingLostLease(logger) { try await send(submission, work) } }
            }
            try await group.waitForAll()
        }
        return claimed.count
    }

    private func claim() async throws -> [(WorkItem, SubmissionRecord)] {
        let claim = WorkClaim(.sendSubmission, owner: "sender", now: catalog.steady.now(), limit: batch)
        return try await catalog.write { session in
            try session.claimWork(claim).compactMap { work in
                guard let submission = try session.submission(work.subjectID) else {
                    throw GranaryError(
                        .catalogFailed, "Work \(work.id) names submission \(work.subjectID), which is not there.",
                        subject: "work \(work.id)", remedy: "Run `granary check catalog`.")
                }
                return (work, submission)
            }
        }
    }

    private func send(_ submission: SubmissionRecord, _ work: WorkItem) async throws {
        guard submission.state == .pending else { return try await finish(work, .completed) }
        guard let route = routes[submission.destination] else {
            return try await recordFailure(submission, work, unknownDestination(submission), policy: .aDay)
        }
        let message = OutgoingMessage(
            identifier: submission.identifier, body: submission.body, attributes: messageAttributes(of: submission.body))
        switch await published(message, by: route.publisher) {
        case .success(let brokerID):
            crashPoint(.submissionSent)
            try await recordSent(submission, work, brokerID: brokerID, deadline: route.destination.deadline)
            crashPoint(.submissionRecorded)
        case .failure(is CancellationError):
            try await finish(work, .handedBack)
        case .failure(let error):
            try await recordFailure(submission, work, error.asGranaryError, policy: route.destination.retry)
        }
    }

    private func published(_ message: OutgoingMessage, by publisher: any MessagePublisher) async -> Result<String, any Error> {
        do {
            return .success(try await publisher.publish(message))
        } catch {
            return .failure(error)
        }
    }

    /// A response may have overtaken us: then the submission is settled already, and only the attempt is written down.
    private func recordSent(
        _ submission: SubmissionRecord, _ work: WorkItem, brokerID: String, deadline: Duration
    ) async throws {
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        try await catalog.write { session in
            try session.finish(work, .completed, at: steady)
            try session.recordAttempt(of: submission, at: now, brokerID: brokerID, error: nil)
            guard try session.submission(submission.id)?.state == .pending else { return }
            try session.move(
                .submission, submission.id, from: .pending, to: SubmissionState.sent, at: now,
                because: Cause("taken by the broker", by: deliveryActor, detail: brokerID),
                set: [("sent_at", now), ("due_at", steady + deadline), ("error_code", nil), ("error", nil)])
        }
    }

    /// Tries again later while the policy allows it; then the submission is given up and waits for an operator.
    private func recordFailure(
        _ submission: SubmissionRecord, _ work: WorkItem, _ error: GranaryError, policy: RetryPolicy
    ) async throws {
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        let delay = error.disposition == .quarantine ? nil : policy.delay(afterAttempt: work.attempt, randomness: randomness)
        let ending: WorkEnding =
            delay.map { .retryable(at: steady + $0, error: error.message) } ?? .discarded(error: error.message)
        log(submission, error, isFinal: delay == nil)
        try await catalog.write { session in
            try session.finish(work, ending, at: steady)
            try session.recordAttempt(of: submission, at: now, brokerID: nil, error: error.message)
            guard delay == nil, try session.submission(submission.id)?.state == .pending else { return }
            try session.giveUp(submission: submission.id, from: .pending, because: error, at: now)
        }
    }

    private func log(_ submission: SubmissionRecord, _ error: GranaryError, isFinal: Bool) {
        logger.log(
            level: isFinal ? .error : .warning, isFinal ? "submission given up" : "submission not sent yet",
            metadata: [
                "submission": "\(submission.id)", "destination": "\(submission.destination)", "error": "\(error.message)",
            ])
    }

    private func finish(_ work: WorkItem, _ ending: WorkEnding) async throws {
        let now = catalog.steady.now()
        try await catalog.write { try $0.finish(work, ending, at: now) }
    }
}

private func unknownDestination(_ submission: SubmissionRecord) -> GranaryError {
    GranaryError(
        .configurationInvalid, "The destination \(submission.destination) is not configured any more.",
        subject: "submission \(submission.id)",
        remedy: "Configure it again, then `granary delivery resend \(submission.id)`.", disposition: .quarantine)
}

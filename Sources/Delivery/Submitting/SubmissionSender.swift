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
    let catalog: Catalog
    let randomness: any Randomness
    let logger: Logger
    private let routes: [String: DestinationRoute]
    private let interval: Duration
    private let batch: Int

    /// - Parameters:
    ///   - interval: how often to look for work.
    ///   - batch: how many are on their way at the same time.
    public init(
        catalog: Catalog, routes: [DestinationRoute], randomness: any Randomness = SystemRandomness(),
        interval: Duration = .seconds(1), batch: Int = 100, logger: Logger = Logger(label: "granary.delivery")
    ) {
        self.catalog = catalog
        self.routes = Dictionary(routes.map { ($0.destination.name, $0) }) { first, _ in first }
        self.randomness = randomness
        self.interval = interval
        self.batch = batch
        self.logger = logger
    }

    public func run() async throws { try await atSteadyPace(every: interval, sendOnce) }

    /// Sends one batch of what is due, destination by destination. Returns how many pieces of work it took up. Throws when
    /// the catalog fails; a broker that fails is written down and tried again later.
    @discardableResult
    public func sendOnce() async throws -> Int {
        let parcels = try await claim()
        crashPoint(.submissionClaimed)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (destination, own) in Dictionary(grouping: parcels, by: \.submission.destination) {
                group.addTask { try await send(own, to: destination) }
            }
            try await group.waitForAll()
        }
        return parcels.count
    }

    private func claim() async throws -> [Parcel] {
        let claim = WorkClaim(.sendSubmission, owner: "sender", now: catalog.steady.now(), limit: batch)
        return try await catalog.write { session in
            try session.claim(claim, row: session.submission).map { work, submission in
                Parcel(work: work, submission: submission, occasion: try session.acceptedSends(of: submission.id))
            }
        }
    }

    private func send(_ parcels: [Parcel], to destination: String) async throws {
        let outcomes = await outcomes(of: parcels, to: destination)
        crashPoint(.submissionSent)
        try await record(outcomes, deadline: routes[destination]?.destination.deadline ?? .zero)
        crashPoint(.submissionRecorded)
    }

    private func outcomes(of parcels: [Parcel], to destination: String) async -> [(Parcel, SendOutcome)] {
        let settled = parcels.filter { $0.submission.state != .pending }.map { ($0, SendOutcome.needless) }
        let due = parcels.filter { $0.submission.state == .pending }
        guard let route = routes[destination] else {
            return settled + due.map { ($0, failure($0, unknownDestination($0.submission), policy: .aDay)) }
        }
        guard !due.isEmpty else { return settled }
        let results = await route.publisher.publish(due.map(\.message))
        return settled
            + zip(due, results).map { parcel, result in (parcel, outcome(parcel, result, route.destination.retry)) }
    }

    private func outcome(_ parcel: Parcel, _ result: Result<String, any Error>, _ policy: RetryPolicy) -> SendOutcome {
        switch result {
        case .success(let brokerID): .taken(brokerID)
        case .failure(is CancellationError): .cancelled
        case .failure(let error): failure(parcel, error.asGranaryError, policy: policy)
        }
    }

    private func failure(_ parcel: Parcel, _ error: GranaryError, policy: RetryPolicy) -> SendOutcome {
        let ending = parcel.work.ending(after: error, policy: policy, randomness: randomness, at: catalog.steady.now())
        return .failed(error, ending)
    }
}

/// A submission whose turn it is, with the claim on it.
struct Parcel: Sendable {
    let work: WorkItem
    let submission: SubmissionRecord
    /// How many sends of it the broker has taken before.
    let occasion: Int

    var message: OutgoingMessage {
        OutgoingMessage(
            identifier: submission.identifier, body: submission.body,
            attributes: messageAttributes(of: submission.body),
            occasion: occasion
        ).groupedByCollection
    }
}

/// What became of one parcel.
enum SendOutcome: Sendable {
    /// It is settled or cancelled by now.
    case needless
    /// The broker has it, under this name.
    case taken(String)
    case cancelled
    case failed(GranaryError, WorkEnding)
}

private func unknownDestination(_ submission: SubmissionRecord) -> GranaryError {
    GranaryError(
        .configurationInvalid, "The destination \(submission.destination) is not configured any more.",
        subject: "submission \(submission.id)",
        remedy: "Configure it again, then `granary delivery resend \(submission.id)`.", disposition: .quarantine)
}

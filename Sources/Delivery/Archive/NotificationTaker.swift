// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore
public import Logging
public import ServiceLifecycle

/// Carries out stored CNM-S: finds the files, has them archived by the one way in, and writes the answer down in the very
/// transaction that records what became of them.
public struct NotificationTaker: Service {
    let catalog: Catalog
    let roles: [String: ArchiveRole]
    let intake: any GranuleIntake
    let schemas: MessageSchemas
    let randomness: any Randomness
    let logger: Logger
    private let interval: Duration
    private let batch: Int

    /// Long enough for a lost heartbeat or two; while a copy runs the claim is prolonged.
    private static let lease = Duration.seconds(60)

    /// - Parameter batch: how many products are taken at the same time.
    public init(
        catalog: Catalog, roles: [ArchiveRole], intake: any GranuleIntake, schemas: MessageSchemas,
        randomness: any Randomness = SystemRandomness(), interval: Duration = .seconds(1), batch: Int = 4,
        logger: Logger = Logger(label: "granary.delivery")
    ) {
        self.catalog = catalog
        self.roles = Dictionary(roles.map { ($0.source, $0) }) { first, _ in first }
        self.intake = intake
        self.schemas = schemas
        self.randomness = randomness
        self.interval = interval
        self.batch = batch
        self.logger = logger
    }

    public func run() async throws { try await atSteadyPace(every: interval, takeOnce) }

    /// Takes one batch of announcements. Returns how many pieces of work it took up.
    @discardableResult
    public func takeOnce() async throws -> Int {
        let claim = WorkClaim(
            .takeNotification, owner: "taker", now: catalog.steady.now(), lease: Self.lease, limit: batch)
        let claimed = try await catalog.write { session in
            try session.claimWork(claim).map { ($0, try session.message($0.subjectID)) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (work, message) in claimed {
                group.addTask {
                    try await toleratingLostLease(logger) {
                        try await keepingClaim(work) { try await take(message, work) }
                    }
                }
            }
            try await group.waitForAll()
        }
        return claimed.count
    }

    /// Prolongs the claim for as long as the body runs; when the claim is lost, the body is cancelled.
    private func keepingClaim(_ work: WorkItem, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return true
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.lease / 3)
                    let until = catalog.steady.now() + Self.lease
                    try await catalog.write { try $0.heartbeat(work, until: until) }
                }
            }
            _ = try await group.next()
            group.cancelAll()
        }
    }
}

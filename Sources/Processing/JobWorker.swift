// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore
public import Logging
public import ServiceLifecycle

/// Runs jobs: claims their work, carries each through one attempt, and leaves it ended or waiting for the next try.
///
/// Graceful shutdown stops claiming, ends what runs and hands those jobs back; they start anew with the service.
public struct JobWorker: Service {
    let surroundings: Surroundings
    let configuration: Configuration
    let logger: Logger

    /// What a worker is handed by those who know concrete types.
    public struct Surroundings: Sendable {
        public var catalog: Catalog
        public var processes: ProcessRegister
        public var runner: any Runner
        public var intake: any GranuleIntake
        /// How archived files become inputs.
        public var inputs: InputSource
        /// A directory on this machine as a store: the one of all work directories, to read products from.
        public var store: @Sendable (_ directory: String) throws -> any Store
        public var randomness: any Randomness

        public init(
            catalog: Catalog, processes: ProcessRegister, runner: any Runner, intake: any GranuleIntake,
            inputs: InputSource,
            store: @escaping @Sendable (_ directory: String) throws -> any Store,
            randomness: any Randomness = SystemRandomness()
        ) {
            self.catalog = catalog
            self.processes = processes
            self.runner = runner
            self.intake = intake
            self.inputs = inputs
            self.store = store
            self.randomness = randomness
        }
    }

    public struct Configuration: Sendable {
        /// The directory of all work directories, absolute.
        public var root: String
        /// The provider of what we make ourselves.
        public var provider: String
        /// Jobs at a time.
        public var workers: Int
        /// How long a claim holds without a sign of life.
        public var lease: Duration
        /// How long to wait when there is no work.
        public var idle: Duration

        public init(
            root: String, provider: String, workers: Int = 2, lease: Duration = .seconds(60),
            idle: Duration = .milliseconds(250)
        ) {
            self.root = root
            self.provider = provider
            self.workers = workers
            self.lease = lease
            self.idle = idle
        }
    }

    public init(_ surroundings: Surroundings, configuration: Configuration, logger: Logger) {
        self.surroundings = surroundings
        self.configuration = configuration
        self.logger = logger
    }

    public func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for number in 1...max(1, configuration.workers) {
                group.addTask { try await keepWorking(as: "worker \(number)") }
            }
        }
    }

    private func keepWorking(as owner: String) async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if try await !workOnce(as: owner) { try? await Task.sleep(for: configuration.idle) }
            }
        }
    }

    /// Claims one job that is due and carries it to the end of one attempt. False when none was due.
    ///
    /// What goes wrong with a job is written into the ledger; only faults of the ledger itself are thrown.
    @discardableResult
    public func workOnce(as owner: String = "worker") async throws -> Bool {
        guard let work = try await claim(owner) else { return false }
        do {
            if let assignment = try await open(work) { try await JobAttempt(self, assignment).carryOut() }
        } catch let error as GranaryError where error.code == .leaseLost || error.code == .stateConflict {
            logger.warning("job \(work.subjectID) was taken over: \(error.message)")
        }
        return true
    }

    private func claim(_ owner: String) async throws -> WorkItem? {
        let claim = WorkClaim(.runJob, owner: owner, now: surroundings.catalog.steady.now(), lease: configuration.lease)
        return try await surroundings.catalog.write { try $0.claimWork(claim).first }
    }

    private func open(_ work: WorkItem) async throws -> Assignment? {
        let start = JobStart(
            processes: surroundings.processes, root: configuration.root, moments: Moments(surroundings.catalog))
        return try await surroundings.catalog.write { try start.open(work, in: $0) }
    }
}

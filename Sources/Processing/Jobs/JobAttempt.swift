// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore
internal import Logging

/// Carries one assignment through staging, running and publishing, each step committed before the next begins.
struct JobAttempt: Sendable {
    let worker: JobWorker
    let assignment: Assignment

    init(_ worker: JobWorker, _ assignment: Assignment) {
        self.worker = worker
        self.assignment = assignment
    }

    private var surroundings: JobWorker.Surroundings { worker.surroundings }

    /// Returns when the job is ended, or waits for its next attempt. Throws `lease.lost` when somebody else has it by now.
    func carryOut() async throws {
        do {
            try await whileHeld { try await steps() }
            worker.logger.notice("job \(assignment.job.id) (\(assignment.process.id)) succeeded")
        } catch let failure as JobFailure {
            worker.logger.notice("job \(assignment.job.id) (\(assignment.process.id)) failed: \(failure.short)")
            try await write { [surroundings] in
                try $0.fail(assignment, failure, randomness: surroundings.randomness, at: $1)
            }
        } catch is CancellationError {
            try await write { try $0.handBack(assignment, at: $1) }
        }
    }

    private func steps() async throws {
        let request = try await failing(.staging) { try await assignment.stage(surroundings.inputs) }
        try await write { try $0.begin(running: assignment, request.arguments, at: $1) }
        crashPoint(.jobStarted)
        let outcome = try await run(request)
        crashPoint(.jobEnded)
        try await failing(.staging) { try assignment.directory.write(outcome.exitText.utf8, to: "_exit_code") }
        if let failure = JobFailure(outcome, of: assignment.process, in: assignment.directory) { throw failure }
        try await publish()
        crashPoint(.jobPublished)
        assignment.directory.tidy()
    }

    private func run(_ request: RunRequest) async throws -> RunOutcome {
        do {
            return try await surroundings.runner.run(request)
        } catch let error where !(error is CancellationError) {
            throw JobFailure(error, while: .staging)
        }
    }

    private func publish() async throws {
        try await write { try $0.begin(publishing: assignment, at: $1) }
        let offers = try await offers()
        guard !offers.isEmpty else { return try await write { try $0.succeed(assignment, at: $1) } }
        let verdicts = try await take(offers)
        if let failure = JobFailure(verdicts) { throw failure }
    }

    private func offers() async throws -> [GranuleOffer] {
        do {
            return try await JobOutputs(
                assignment: assignment, store: surroundings.store(worker.configuration.root),
                intake: surroundings.intake, provider: worker.configuration.provider,
                moment: surroundings.catalog.clock.now()
            ).offers()
        } catch let error as GranaryError {
            throw JobFailure(error, while: .publish)
        }
    }

    /// The job's success is committed with its products, or neither is.
    private func take(_ offers: [GranuleOffer]) async throws -> [GranuleVerdict] {
        do {
            return try await surroundings.intake.take(offers, mode: .allOrNone) { [assignment, surroundings] in
                try $0.fence(assignment.work)
                guard let failure = JobFailure($1) else {
                    return try $0.succeed(assignment, at: Moments(surroundings.catalog))
                }
                // When publishing stopped half way, nothing of it is recorded; the next attempt finds it in its place.
                if $1.contains(where: \.isArchived) { throw failure }
            }
        } catch let error as GranaryError where error.code != .leaseLost && error.code != .stateConflict {
            throw JobFailure(error, while: .publish)
        }
    }

    private func write(_ body: @escaping @Sendable (any SQLSession, Moments) throws -> Void) async throws {
        let moments = Moments(surroundings.catalog)
        try await surroundings.catalog.write { try body($0, moments) }
    }
}

extension JobAttempt {
    /// Does something under a lease that is kept alive; when the lease is lost, ends it and throws `lease.lost`.
    private func whileHeld(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await body() }
            group.addTask { try await keepLease() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Never returns: it is cancelled, or it throws.
    private func keepLease() async throws {
        let (catalog, lease) = (surroundings.catalog, worker.configuration.lease)
        while true {
            // Three signs of life for each lease: two may come late.
            try await Task.sleep(for: lease / 3)
            try await catalog.write { [work = assignment.work] in
                try $0.heartbeat(work, until: catalog.steady.now() + lease)
            }
        }
    }
}

/// Turns any error of a step into a failure of that class.
private func failing<Value>(_ kind: FailureClass, _ body: () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let error as GranaryError {
        throw JobFailure(error, while: error.code == .jobInvalid ? .validation : kind)
    }
}

extension RunOutcome {
    /// What `_exit_code` holds: the status, or 128 and the signal, as a shell says it.
    fileprivate var exitText: String {
        switch self {
        case .exited(let code): "\(code)\n"
        case .signalled(let signal): "\(128 + signal)\n"
        case .timedOut: "124\n"
        }
    }
}

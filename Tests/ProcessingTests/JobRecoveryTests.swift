// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting
import Logging
import ServiceLifecycle
import Testing

@testable import GranaryProcessing

/// The service dies, or is taken for dead, at every place between two commits.
@Suite struct JobRecoveryTests {
    let site: JobSite
    init() throws { site = try JobSite() }

    /// How far the worker that died had come.
    enum Death: CaseIterable, CustomTestStringConvertible {
        case staging, running, publishing
        var testDescription: String { "\(self)" }
    }

    /// Carries a job to a state as a worker would, then lets go of it.
    private func abandon(_ worker: JobWorker, at death: Death) async throws -> Assignment {
        let site = site
        return try await site.catalog.write { session in
            let moments = Moments(site.catalog)
            let work = try #require(
                try session.claimWork(WorkClaim(.runJob, owner: "dead", now: moments.steady)).first)
            let start = JobStart(processes: worker.surroundings.processes, root: site.root, moments: moments)
            let assignment = try #require(try start.open(work, in: session))
            if death != .staging { try session.begin(running: assignment, ["x"], at: moments) }
            if death == .publishing { try session.begin(publishing: assignment, at: moments) }
            return assignment
        }
    }

    @Test(
        "after a death at any step a new attempt finishes the job, and the old one can do nothing",
        arguments: Death.allCases)
    func recovery(_ death: Death) async throws {
        let process = try site.process("cp $1 $2/product.nc")
        let (job, worker) = (try await site.job(process), try site.worker([process]))
        let stale = try await abandon(worker, at: death)
        try await site.restart()
        #expect(try await worker.workOnce())
        #expect(try await site.record(job).state == .successful)
        #expect(
            try await site.attempts(job) == [
                .init(exitCode: nil, failure: .lost, isClosed: true), .init(exitCode: 0, failure: nil, isClosed: true),
            ])
        #expect(try await site.story(job).suffix(5) == ["accepted", "staging", "running", "publishing", "successful"])
        #expect(try await site.outputs(job).count == 1)
        try await expectStale(stale)
        #expect(try await worker.workOnce() == false)
    }

    private func expectStale(_ stale: Assignment) async throws {
        let moments = Moments(site.catalog)
        let acts: [@Sendable (any SQLSession) throws -> Void] = [
            { try $0.begin(running: stale, [], at: moments) }, { try $0.begin(publishing: stale, at: moments) },
            { try $0.succeed(stale, at: moments) }, { try $0.handBack(stale, at: moments) },
            { try $0.fail(stale, JobFailure(.exit, "x"), randomness: SeededRandomness(seed: 1), at: moments) },
        ]
        for act in acts {
            let error = await #expect(throws: GranaryError.self) { try await site.catalog.write { try act($0) } }
            #expect(error?.code == .leaseLost)
        }
    }

    @Test("a worker that was taken for dead while its command ran publishes nothing")
    func fencing() async throws {
        let process = try site.process("echo $$ >$2/product.nc")
        let job = try await site.job(process)
        let successor = try site.worker([process])
        let slow = InterruptedRunner { [site] in
            try await site.restart()
            #expect(try await successor.workOnce(as: "successor"))
        }
        #expect(try await site.worker([process], runner: slow).workOnce(as: "slow"))
        #expect(try await site.record(job).state == .successful)
        #expect(try await site.outputs(job).count == 1)
        #expect(site.intake.taken.count == 1)
        #expect(try await site.attempts(job).map(\.failure) == [.lost, nil])
    }

    @Test("a job under whose attempts the service keeps dying fails as lost")
    func killerJob() async throws {
        let process = try site.process("true")
        let (job, worker) = (try await site.job(process), try site.worker([process]))
        for _ in 0..<Limits.lostAttempts {
            _ = try await abandon(worker, at: .running)
            try await site.restart()
        }
        try await worker.workOnce()
        #expect(try await site.record(job).state == .failed)
        #expect(try await site.record(job).failureClass == .lost)
        #expect(try await site.work(job).state == .discarded)
        #expect(try await site.attempts(job).count == Limits.lostAttempts)
    }

    @Test("lost attempts do not use up the tries of the process")
    func lostIsNoTry() async throws {
        let process = try site.process("exit 1", attempts: 2)
        let (job, worker) = (try await site.job(process), try site.worker([process]))
        _ = try await abandon(worker, at: .running)
        try await site.restart()
        try await worker.workOnce()
        #expect(try await site.work(job).state == .retryable)
    }

    @Test("shutdown ends the command and hands the job back unharmed")
    func shutdown() async throws {
        let process = try site.process("echo $$ >>pids; sleep 600", attempts: 1)
        let (job, worker) = (try await site.job(process), try site.worker([process]))
        let task = Task { try await worker.workOnce() }
        while site.text(job, 1, "pids").isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        #expect(try await task.value)
        #expect(try await site.record(job).state == .accepted)
        #expect(try await site.work(job).state == .available)
        #expect(try await site.attempts(job) == [.init(exitCode: nil, failure: nil, isClosed: true)])
        let pids = site.text(job, 1, "pids").split(separator: "\n").compactMap { Int32($0) }
        #expect(pids.count == 1 && pids.filter(isAlive).isEmpty)
    }

    @Test("a job that is cancelled between its command and its products is handed back, never half published")
    func cancelledBeforePublishing() async throws {
        let process = try site.process("touch $2/a.nc $2/b.nc")
        let job = try await site.job(process)
        let worker = try site.worker([process], runner: CancellingRunner())
        #expect(try await worker.workOnce())
        #expect(try await site.record(job).state == .accepted)
        #expect(try await site.work(job).state == .available)
        #expect(site.intake.taken.isEmpty)
    }

    @Test("the service runs what is due with all its workers and stops when asked")
    func service() async throws {
        let process = try site.process("cp $1 $2/$(basename $1 .dat).nc")
        var jobs: [Int64] = []
        for number in 1...6 { jobs.append(try await site.job(process, granule: "g\(number)")) }
        let worker = try site.worker([process])
        let group = ServiceGroup(services: [worker], logger: Logger(label: "test"))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            for job in jobs {
                while try await site.record(job).state != .successful { try await Task.sleep(for: .milliseconds(5)) }
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(site.intake.taken.count == 6)
    }
}

/// Runs the command after something else has happened.
private struct InterruptedRunner: Runner {
    let interruption: @Sendable () async throws -> Void

    func run(_ attempt: RunRequest) async throws -> RunOutcome {
        try await interruption()
        return try await CommandRunner().run(attempt)
    }
}

/// Runs the command and then cancels the task that asked for it.
private struct CancellingRunner: Runner {
    func run(_ attempt: RunRequest) async throws -> RunOutcome {
        let outcome = try await CommandRunner().run(attempt)
        withUnsafeCurrentTask { $0?.cancel() }
        return outcome
    }
}

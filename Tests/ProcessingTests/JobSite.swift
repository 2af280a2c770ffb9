// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCatalog
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Logging

@testable import GranaryProcessing

/// A catalog, an archive, an intake and a worker of one test.
struct JobSite {
    let clock = ManualClock()
    let temporary: TemporaryCatalog
    let intake: IntakeFake
    var catalog: Catalog { temporary.catalog }
    var root: String { temporary.directory.file("work") }

    init() throws {
        temporary = try TemporaryCatalog(clock: clock)
        intake = IntakeFake(temporary.catalog)
    }

    /// A shell script; it is a program like any other.
    func script(_ text: String, name: String = "step") throws -> String {
        let path = temporary.directory.file(name)
        try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o755)
        return path
    }

    func process(
        _ script: String, arguments: [String] = ["{input}", "{output}"], softLimit: Duration = .seconds(60),
        hardLimit: Duration? = nil, attempts: Int = 1, retried: Set<FailureClass> = Set(FailureClass.allCases),
        outputs: [CollectionID] = []
    ) throws -> GranaryProcessing.Process {
        GranaryProcessing.Process(
            id: "step", command: [try self.script(script)] + arguments, softLimit: softLimit, hardLimit: hardLimit,
            retry: RetryPolicy(attempts: attempts, first: .seconds(10), longest: .seconds(60)), retried: retried,
            outputs: outputs)
    }

    /// A worker whose signs of life are an hour apart: on a busy machine none of them may come into a test unasked.
    func worker(
        _ processes: [GranaryProcessing.Process], runner: any Runner = CommandRunner(), inputs: InputSource? = nil
    ) throws -> JobWorker {
        let archive = temporary.directory.file("archive")
        return JobWorker(
            JobWorker.Surroundings(
                catalog: catalog, processes: try ProcessRegister(processes), runner: runner, intake: intake,
                inputs: inputs ?? .linked { "\(archive)/\($0.archivePath)" }, store: { try LocalStore(root: $0) },
                randomness: SeededRandomness(seed: 7)),
            configuration: JobWorker.Configuration(root: root, provider: "US", lease: .seconds(10_800)),
            logger: Logger(label: "test"))
    }

    /// An archived granule IN.1 with one data file that holds its name.
    func granule(_ name: String = "g1", jobID: Int64? = nil, type: ProcessingType = .forward) async throws -> Int64 {
        let (archive, now) = (temporary.directory.file("archive"), clock.now())
        try FileManager.default.createDirectory(atPath: archive, withIntermediateDirectories: true)
        try Data(name.utf8).write(to: URL(fileURLWithPath: "\(archive)/\(name).dat"))
        return try await catalog.write { session in
            let identity = GranuleID(collection: CollectionID(name: "IN", version: "1"), name: name)
            let id = try session.insertGranule(identity, type: type, jobID: jobID, at: now)
            try session.insertFile("\(name).dat", of: id, archivePath: "\(name).dat")
            return id
        }
    }

    func job(
        _ process: GranaryProcessing.Process, granule: String = "g1", parameters: JSONObject = [:],
        type: ProcessingType = .forward
    ) async throws -> Int64 {
        let input = try await self.granule(granule, type: type)
        let moments = Moments(catalog)
        return try await catalog.write {
            try $0.createJob(
                JobRequest(process: process, inputs: [input], parameters: parameters, processingType: type),
                at: moments.now, dueAt: moments.steady, because: Cause("asked for", by: "test"))
        }
    }
}

extension JobSite {
    func record(_ job: Int64) async throws -> JobRecord {
        guard let record = try await catalog.read({ try $0.job(job) }) else { throw Missing() }
        return record
    }

    func work(_ job: Int64) async throws -> WorkItem {
        guard let work = try await catalog.read({ try $0.work(.runJob, subject: job) }) else { throw Missing() }
        return work
    }

    struct Missing: Error {}

    /// `to_state` of every event of the job, in order.
    func story(_ job: Int64) async throws -> [String] {
        try await catalog.read {
            try $0.query("SELECT to_state FROM event WHERE subject = 'job' AND subject_id = ? ORDER BY id", [job])
                .map { try $0.text("to_state") }
        }
    }

    struct Attempt: Equatable {
        var exitCode: Int64?
        var failure: FailureClass?
        var isClosed: Bool
    }

    func attempts(_ job: Int64) async throws -> [Attempt] {
        try await catalog.read {
            try $0.query("SELECT * FROM job_attempt WHERE job_id = ? ORDER BY number", [job]).map {
                Attempt(
                    exitCode: try $0.optionalInt64("exit_code"), failure: try $0.optionalWord("failure_class"),
                    isClosed: try $0.optionalTime("ended_at") != nil)
            }
        }
    }

    func outputs(_ job: Int64) async throws -> [GranuleRecord] { try await catalog.read { try $0.outputs(ofJob: job) } }

    /// What the death of the service and a new start do to the queue.
    func restart() async throws {
        let now = catalog.steady.now()
        try await catalog.write { _ = try $0.rescueAll(at: now) }
    }

    func text(_ job: Int64, _ attempt: Int, _ name: String) -> String {
        (try? String(contentsOfFile: "\(root)/\(job)/\(attempt)/\(name)", encoding: .utf8)) ?? ""
    }
}

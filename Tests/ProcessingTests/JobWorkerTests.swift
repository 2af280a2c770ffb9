// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryProcessing

@Suite struct JobWorkerTests {
    let site: JobSite
    init() throws { site = try JobSite() }

    @Test("a job turns its input into an archived product with lineage")
    func success() async throws {
        let process = try site.process("cp \"$1\" \"$2/product.nc\"; echo seen >\"$2/product.png\"")
        let job = try await site.job(process, type: .reprocessing)
        #expect(try await site.worker([process]).workOnce())
        #expect(try await site.record(job).state == .successful)
        #expect(try await site.work(job).state == .completed)
        #expect(try await site.story(job) == ["accepted", "staging", "running", "publishing", "successful"])
        #expect(try await site.attempts(job) == [.init(exitCode: 0, failure: nil, isClosed: true)])
        let taken = try #require(site.intake.taken.first)
        #expect(taken.texts == ["product.nc": "g1", "product.png": "seen\n"])
        #expect(taken.offer.source == "job/step" && taken.offer.jobID == job && taken.offer.provider == "US")
        #expect(taken.offer.processingType == .reprocessing)
        let metadata = try JSONValue(parsing: taken.offer.metadata)
        #expect(metadata["parents"] == ["IN.1/g1"])
        #expect(try await site.worker([process]).workOnce() == false)
    }

    @Test("the command finds its context, its job, links to its inputs and a clean environment")
    func workDirectory() async throws {
        let process = try site.process(
            "cp _context.json _job.json \"$HOME/keep\" 2>/dev/null; readlink \"$1\"; echo \"$2|$3\"; pwd; echo $TMPDIR",
            arguments: ["{inputs}", "a={parameter.word}", "{parameter.list}"])
        let job = try await site.job(process, parameters: ["word": "two words", "list": [1, 2]])
        try await site.worker([process]).workOnce()
        let directory = "\(site.root)/\(job)/1"
        #expect(
            site.text(job, 1, "_stdout.txt") == """
                \(site.temporary.directory.file("archive"))/g1.dat
                a=two words|[1,2]
                \(directory)
                \(directory)/tmp

                """)
        let context = try JSONValue(parsing: site.text(job, 1, "_context.json"))
        #expect(context["word"] == "two words" && context["_output"]?.string == "\(directory)/output")
        #expect(context["_inputs"]?[0]?["granule"] == "g1")
        #expect(context["_inputs"]?[0]?["files"]?[0]?["name"] == "g1.dat")
        #expect(try JSONValue(parsing: site.text(job, 1, "_job.json"))["job_id"]?.integer == job)
        #expect(site.text(job, 1, "_exit_code") == "0\n")
        // Logs stay, what was archived elsewhere goes.
        #expect(!FileManager.default.fileExists(atPath: "\(directory)/output"))
    }

    @Test("a job that fails is tried again after its delay, then fails for good with its reason")
    func retries() async throws {
        let process = try site.process("echo starting >&2; echo no calibration >&2; exit 3", attempts: 2)
        let (job, worker) = (try await site.job(process), try site.worker([process]))
        try await worker.workOnce()
        #expect(try await site.record(job).state == .accepted)
        #expect(try await site.work(job).state == .retryable)
        #expect(try await worker.workOnce() == false)
        site.clock.advance(by: .seconds(10))
        try await worker.workOnce()
        let record = try await site.record(job)
        #expect(record.state == .failed && record.failureClass == .exit)
        #expect(record.shortError == "Exit code 3: no calibration")
        #expect(record.error?.hasSuffix("starting\nno calibration\n") == true)
        #expect(try await site.work(job).state == .discarded)
        #expect(try await site.attempts(job).map(\.exitCode) == [3, 3])
        site.clock.advance(by: .seconds(1000))
        #expect(try await worker.workOnce() == false)
    }

    @Test("a class that the process does not retry fails at once")
    func noRetry() async throws {
        let process = try site.process("exit 3", attempts: 5, retried: [.signal])
        let job = try await site.job(process)
        try await site.worker([process]).workOnce()
        #expect(try await site.record(job).state == .failed)
    }

    @Test("the job's own words for its failure come before ours")
    func alternativeError() async throws {
        let process = try site.process("printf 'Orbit file is missing\\nsee the manual' >_alt_error.txt; exit 1")
        let job = try await site.job(process)
        try await site.worker([process]).workOnce()
        let record = try await site.record(job)
        #expect(record.shortError == "Orbit file is missing")
        #expect(record.error == "Orbit file is missing\nsee the manual")
    }

    @Test("a long first line is cut to the length that groups well")
    func shortError() async throws {
        let process = try site.process("printf 'x%.0s' $(seq 200) >&2; exit 1")
        let job = try await site.job(process)
        try await site.worker([process]).workOnce()
        #expect(try await site.record(job).shortError?.count == Limits.shortError)
    }

    @Test("signals and time limits have their classes")
    func classes() async throws {
        let signal = try site.process("kill -ABRT $$")
        let first = try await site.job(signal)
        try await site.worker([signal]).workOnce()
        #expect(try await site.record(first).failureClass == .signal)
        let slow = try site.process("sleep 60", softLimit: .milliseconds(200))
        let second = try await site.job(slow, granule: "g2")
        try await site.worker([slow]).workOnce()
        #expect(try await site.record(second).failureClass == .timeout)
        #expect(site.text(second, 1, "_exit_code") == "124\n")
    }

    @Test("an output that no collection knows fails the job, names it, and archives nothing")
    func unrecognised() async throws {
        let process = try site.process("touch $2/good.nc $2/stray.log", attempts: 5)
        let job = try await site.job(process)
        try await site.worker([process]).workOnce()
        let record = try await site.record(job)
        #expect(record.state == .failed && record.failureClass == .publish)
        #expect(record.shortError == "Outputs no collection knows stray.log.")
        #expect(try await site.outputs(job).isEmpty)
    }

    @Test("a link in the output, and a collection that is not declared, are refused")
    func refusedOutputs() async throws {
        let link = try site.process("ln -s /etc/passwd $2/secret.nc")
        let first = try await site.job(link)
        try await site.worker([link]).workOnce()
        #expect(try await site.record(first).shortError == "Outputs cannot be archived: secret.nc (symbolic link).")
        let other = try site.process("touch $2/good.nc", outputs: [CollectionID(name: "ELSE", version: "1")])
        let second = try await site.job(other, granule: "g2")
        try await site.worker([other]).workOnce()
        #expect(try await site.record(second).error?.contains("good of OUT.1") == true)
        #expect(site.intake.taken.isEmpty)
    }

    @Test("a product that the archive holds already, byte for byte, is success")
    func duplicateOutput() async throws {
        let process = try site.process("echo same >$2/product.nc")
        let (first, second) = (try await site.job(process), try await site.job(process, granule: "g2"))
        let worker = try site.worker([process])
        try await worker.workOnce()
        try await worker.workOnce()
        #expect(try await site.record(second).state == .successful)
        #expect(try await site.outputs(first).count == 1)
        #expect(try await site.outputs(second).isEmpty)
    }

    @Test("a job without products is success")
    func noOutput() async throws {
        let process = try site.process("true")
        let job = try await site.job(process)
        try await site.worker([process]).workOnce()
        #expect(try await site.record(job).state == .successful)
    }

    @Test("what the intake cannot take now is tried again; what it sets aside is not")
    func intakeVerdicts() async throws {
        let process = try site.process("touch $2/product.nc", attempts: 3)
        let (job, worker) = (try await site.job(process), try site.worker([process]))
        site.intake.answer(.postponed(GranaryError(.storeFailed, "The archive is away.", remedy: "Wait.")))
        try await worker.workOnce()
        #expect(try await site.work(job).state == .retryable)
        site.intake.answer(.quarantined(GranaryError(.checksumMismatch, "Other bytes.", remedy: "Look.")))
        site.clock.advance(by: .seconds(60))
        try await worker.workOnce()
        #expect(try await site.record(job).failureClass == .publish)
        #expect(try await site.record(job).shortError == "Other bytes.")
    }

    @Test("an input that is not in the archive, a program that is not there: staging")
    func staging() async throws {
        let process = try site.process("true")
        let job = try await site.job(process)
        try FileManager.default.removeItem(atPath: site.temporary.directory.file("archive/g1.dat"))
        try await site.worker([process]).workOnce()
        #expect(try await site.record(job).failureClass == .staging)
        let gone = GranaryProcessing.Process(id: "gone", command: ["no-such-program"], retried: [])
        let second = try await site.job(gone, granule: "g2")
        try await site.worker([gone]).workOnce()
        #expect(try await site.record(second).failureClass == .staging)
        #expect(try await site.record(second).shortError?.contains("no-such-program") == true)
    }

    @Test("a job of a process or parameter that is not defined fails as validation")
    func validation() async throws {
        let process = try site.process("true")
        let job = try await site.job(process)
        try await site.worker([]).workOnce()
        #expect(try await site.record(job).failureClass == .validation)
        let wanting = try site.process("true", arguments: ["{parameter.absent}"])
        let second = try await site.job(wanting, granule: "g2")
        try await site.worker([wanting]).workOnce()
        #expect(try await site.record(second).failureClass == .validation)
    }

    @Test("an operator's retry gives a failed job a new life, and only a failed one")
    func desk() async throws {
        let process = try site.process("test -e \(site.temporary.directory.file("fixed"))", attempts: 1)
        let (job, worker) = (try await site.job(process), try site.worker([process]))
        let desk = JobDesk(site.catalog)
        #expect(try await desk.retry([job, 99], actor: "ann", reason: "why").map(\.done) == [false, false])
        try await worker.workOnce()
        #expect(try await site.record(job).state == .failed)
        #expect(try await desk.retry([job], actor: "ann", reason: "why", dryRun: true).map(\.done) == [false])
        #expect(try await site.record(job).state == .failed)
        #expect(FileManager.default.createFile(atPath: site.temporary.directory.file("fixed"), contents: nil))
        let lines = try await desk.retry([job], actor: "ann", reason: "disk swapped")
        #expect(lines.map(\.done) == [true])
        let event = try await site.catalog.read {
            try $0.first("SELECT * FROM event WHERE subject = 'job' AND cause = 'retried'")
        }
        #expect(try event?.text("actor") == "ann" && event?.text("detail") == "disk swapped")
        try await worker.workOnce()
        #expect(try await site.record(job).state == .successful)
        #expect(try await site.record(job).failureClass == nil)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryProcessing

/// Inputs from an archive that is not on this machine.
@Suite struct InputTests {
    let site: JobSite
    let archive = MemoryStore(location: "s3://archive")
    init() throws { site = try JobSite() }

    /// A job over g1, whose file the ledger knows with the digest of these bytes.
    private func job(_ process: GranaryProcessing.Process, archived text: String) async throws -> Int64 {
        let job = try await site.job(process)
        try await site.catalog.write { session in
            _ = try session.execute(
                "UPDATE file SET size = ?, sha256 = ?",
                [Int64(text.utf8.count), Checksum(.sha256, of: Array(text.utf8))])
        }
        return job
    }

    private func run(_ job: Int64, _ process: GranaryProcessing.Process) async throws {
        try await site.worker([process], inputs: .copied(from: archive)).workOnce()
    }

    private func inputs(_ job: Int64) -> [String] {
        let files = FileManager.default.enumerator(atPath: "\(site.root)/\(job)/1/input")
        return (files?.allObjects as? [String] ?? []).filter { $0.contains(".") }
    }

    @Test("an input is a copy with the archived bytes, which the command can read and not write")
    func copied() async throws {
        archive.put("g1.dat", Array("archived bytes".utf8))
        let process = try site.process("test -f \"$1\" && test ! -h \"$1\" && stat -c %a \"$1\"; cat \"$1\"")
        let job = try await job(process, archived: "archived bytes")
        try await run(job, process)
        #expect(try await site.record(job).state == .successful)
        #expect(site.text(job, 1, "_stdout.txt") == "444\narchived bytes")
    }

    @Test(
        "a copy with other bytes is no input: the attempt fails before its command starts, and nothing is left of it",
        arguments: ["archived bytez", "archived", "archived bytes and more", ""])
    func damaged(found: String) async throws {
        archive.put("g1.dat", Array(found.utf8))
        let process = try site.process("touch \"$2/ran\"")
        let job = try await job(process, archived: "archived bytes")
        try await run(job, process)
        let attempt = try #require(try await site.attempts(job).first)
        #expect(attempt.failure == .staging && attempt.exitCode == nil)
        #expect(try await site.record(job).error?.contains("does not have the bytes") == true)
        #expect(inputs(job).isEmpty)
    }

    @Test("a file that is not in the archive, or that changes while it is read, fails the attempt")
    func gone() async throws {
        let process = try site.process("true", attempts: 3)
        let job = try await job(process, archived: "archived bytes")
        try await run(job, process)
        archive.put("g1.dat", Array("archived bytes".utf8))
        archive.whileSending { store, path, _ in store.put(path, Array("other".utf8)) }
        site.clock.advance(by: .seconds(600))
        try await run(job, process)
        #expect(try await site.attempts(job).map(\.failure) == [.staging, .staging])
        #expect(inputs(job).isEmpty)
    }

    @Test("the next attempt reads anew, once the archive answers again")
    func retried() async throws {
        archive.put("g1.dat", Array("archived bytes".utf8))
        archive.faults.failNext(.send, with: .planned())
        let process = try site.process("cat \"$1\"", attempts: 2)
        let job = try await job(process, archived: "archived bytes")
        try await run(job, process)
        site.clock.advance(by: .seconds(600))
        try await run(job, process)
        #expect(try await site.record(job).state == .successful)
        #expect(site.text(job, 2, "_stdout.txt") == "archived bytes")
    }
}

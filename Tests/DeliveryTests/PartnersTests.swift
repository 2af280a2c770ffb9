// SPDX-License-Identifier: Apache-2.0
import GranaryCatalog
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

@testable import GranaryDelivery

/// Two Granaries that know each other only by two queues.
@Suite struct PartnersTests {
    let sender: Site
    let archive: ArchiveSide

    init() throws {
        sender = try Site { $0.deadline = .seconds(600) }
        archive = try ArchiveSide(clock: sender.clock, announcements: sender.outbox, answers: sender.answers)
        archive.staging.put("SST/1/G1.nc", Array("hello".utf8))
    }

    /// One message each way: sent, archived, answered, understood.
    private func exchange() async throws {
        try await sender.send()
        try await archive.work()
        try await sender.receive()
        try await sender.reconcile()
    }

    @Test("what one archives, the other receives, archives and acknowledges; the receipt agrees")
    func delivered() async throws {
        let submission = try #require(try await sender.archive())
        try await exchange()
        let settled = try #require(try await sender.submission(submission.id))
        #expect(settled.state == .acknowledged)
        #expect(settled.catalogID == "SST.1/G1")
        let response = try await sender.catalog.read { try $0.first("SELECT deviations, findings FROM response") }
        #expect(try response?.text("deviations") == "[]")
        #expect(try response?.text("findings") == "[]")
        try await sender.expectSound()
        try await archive.expectSound()
    }

    @Test("two directories are all the network that two partners need")
    func directories() async throws {
        let directories = [try TemporaryDirectory(), try TemporaryDirectory()]
        let boxes = try directories.map { try DirectoryMessageBox(directory: $0.path) { Issue.record("\($0)") } }
        let submission = try #require(try await sender.archive())
        try await sender.send(boxes[0])
        try await NotificationWatcher(name: "daac", receiver: boxes[0], catalog: archive.catalog).watchOnce()
        try await archive.take()
        try await AnswerSender(catalog: archive.catalog, publishers: ["daac": boxes[1]]).answerOnce()
        try await ResponseReceiver(name: "daac", receiver: boxes[1], catalog: sender.catalog).receiveOnce()
        try await sender.reconcile()
        #expect(try await sender.state(submission) == .acknowledged)
        for box in boxes { #expect(try await box.receive(limit: 1).isEmpty) }
    }

    @Test("a lost answer is asked for by a resend, and given again")
    func lostAnswer() async throws {
        let submission = try #require(try await sender.archive())
        try await sender.send()
        try await archive.work()
        for message in sender.answers.all { try await sender.answers.delete(message) }
        sender.clock.advance(by: .seconds(600))
        try await sender.sweep()
        try await exchange()
        #expect(try await sender.state(submission) == .acknowledged)
        #expect(archive.intake.offersTaken == 1)
    }

    @Test("a file that comes late is delivered by the resend that TRANSFER_ERROR asks for")
    func lateFile() async throws {
        archive.staging.delete("SST/1/G1.nc")
        let submission = try #require(try await sender.archive())
        try await exchange()
        #expect(try await sender.submission(submission.id)?.errorCode == "TRANSFER_ERROR")
        archive.staging.put("SST/1/G1.nc", Array("hello".utf8))
        sender.clock.advance(by: .seconds(300))
        try await sender.sweep()
        try await exchange()
        #expect(try await sender.state(submission) == .acknowledged)
        try await sender.expectSound()
    }

    @Test("a death after any claim is made good when the work is freed", arguments: WorkKind.allCases)
    func deathAfterClaim(kind: WorkKind) async throws {
        let submission = try #require(try await sender.archive())
        let steps: [() async throws -> Void] = [
            { try await sender.send() }, { try await archive.watch() }, { try await archive.take() },
            { try await archive.answer() }, { try await sender.receive() }, { try await sender.reconcile() },
        ]
        for step in steps {
            for catalog in [sender.catalog, archive.catalog] {
                let claim = WorkClaim(kind, owner: "dead", now: catalog.steady.now(), limit: 10)
                _ = try await catalog.write { session in
                    _ = try session.claimWork(claim)
                    return try session.rescueAll(at: claim.now)
                }
            }
            try await step()
        }
        #expect(try await sender.state(submission) == .acknowledged)
        #expect(sender.outbox.faults.calls(.publish) == 1)
    }

    @Test("every step may be done twice")
    func everythingTwice() async throws {
        let submission = try #require(try await sender.archive())
        for _ in 0..<2 {
            try await sender.send()
            try await sender.send()
            for _ in 0..<2 { try await archive.watch() }
            for _ in 0..<2 { try await archive.take() }
            for _ in 0..<2 { try await archive.answer() }
            for _ in 0..<2 { try await sender.receive() }
            for _ in 0..<2 { try await sender.reconcile() }
        }
        #expect(try await sender.state(submission) == .acknowledged)
        #expect(try await sender.verdicts() == ["applied"])
    }
}

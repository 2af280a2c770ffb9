// SPDX-License-Identifier: Apache-2.0
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryDelivery

@Suite struct SendingTests {
    @Test("archiving leaves one submission, and sending it starts the deadline")
    func sends() async throws {
        let site = try Site()
        let submission = try #require(try await site.archive())
        #expect(submission.state == .pending)
        try await site.send()
        let sent = try #require(try await site.submission(submission.id))
        #expect(sent.state == .sent)
        #expect(sent.attempts == 1)
        #expect(sent.dueAt == site.clock.now() + .seconds(86_400))
        #expect(site.outbox.all.map(\.key) == [submission.identifier])
        #expect(site.outbox.all.first?.body == submission.body)
        try await site.send()
        #expect(site.outbox.faults.calls(.publish) == 1)
        try await site.expectSound()
    }

    @Test("only what the destination wants is submitted")
    func filter() async throws {
        let site = try Site { $0.filter = try? Filter(parsing: "name LIKE 'A%'") }
        #expect(site.destination.filter != nil)
        #expect(try await site.archive("B1") == nil)
        #expect(try await site.archive("A1", file: "A1.nc") != nil)
        let other = try Site { $0.collections = [CollectionID(name: "SSH", version: "1")] }
        #expect(try await other.archive() == nil)
    }

    @Test(
        "a filter that cannot be carried out keeps nothing out of the archive, and the submission waits for an operator"
    )
    func brokenFilter() async throws {
        let filter = try Filter(parsing: "unheard(name) = 1")
        let site = try Site { $0.filter = filter }
        let submission = try #require(try await site.archive())
        #expect(submission.state == .rejected)
        #expect(submission.errorCode == "filter.invalid")
        try await site.expectSound()
    }

    @Test("the service sends what is there when it starts, and ends when it is told to")
    func service() async throws {
        let site = try Site()
        let submission = try #require(try await site.archive())
        let route = DestinationRoute(site.destination, publisher: site.outbox)
        let sender = SubmissionSender(catalog: site.catalog, routes: [route], interval: .milliseconds(1))
        try await withThrowingTaskGroup { group in
            group.addTask { try await sender.run() }
            while try await site.state(submission) != .sent { await Task.yield() }
            group.cancelAll()
        }
        #expect(site.outbox.faults.calls(.publish) == 1)
    }

    @Test("a death between send and record sends the same bytes once more")
    func crashAfterSend() async throws {
        let site = try Site()
        let submission = try #require(try await site.archive())
        let dead = Dying(publisher: site.outbox)
        await #expect(throws: GranaryError.self) { try await site.sendUntilDeath(dead) }
        #expect(try await site.state(submission) == .pending)
        _ = try await site.catalog.write { [now = site.catalog.steady.now()] in try $0.rescueAll(at: now) }
        try await site.send()
        #expect(try await site.state(submission) == .sent)
        #expect(site.outbox.faults.calls(.publish) == 2)
        #expect(site.outbox.all.count == 1)
    }

    @Test("a broker that fails is tried again later, with the same bytes")
    func brokerFails() async throws {
        let site = try Site()
        let submission = try #require(try await site.archive())
        site.outbox.faults.failNext(.publish, with: .planned())
        try await site.send()
        try await site.send()
        #expect(site.outbox.faults.calls(.publish) == 1)
        #expect(try await site.state(submission) == .pending)
        site.clock.advance(by: .seconds(2))
        try await site.send()
        #expect(try await site.state(submission) == .sent)
        #expect(try await site.submission(submission.id)?.attempts == 2)
    }

    @Test("when a broker never takes it, it is given up, listed as rejected, and can be resent")
    func givesUp() async throws {
        let site = try Site { $0.retry = RetryPolicy(attempts: 2) }
        let submission = try #require(try await site.archive())
        for _ in 0..<2 {
            site.outbox.faults.failNext(.publish, with: .planned())
            try await site.send()
            site.clock.advance(by: .seconds(600))
        }
        let failed = try #require(try await site.submission(submission.id))
        #expect(failed.state == .rejected)
        #expect(failed.errorCode == "store.failed")
        try await site.expectSound()
        let lines = try await site.desk().resend([submission.id, 99], actor: "ann", reason: "broker is back")
        #expect(lines.map(\.done) == [true, false])
        try await site.send()
        #expect(try await site.state(submission) == .sent)
        #expect(site.outbox.all.first?.body == submission.body)
    }

    @Test("a granule that no message can carry is archived all the same, and its submission waits for an operator")
    func uncarriable() async throws {
        let site = try Site()
        let submission = try #require(try await site.archive(file: BytePath([0x66, 0xFF])))
        #expect(submission.state == .rejected)
        #expect(submission.body == [])
        #expect(submission.errorCode == "input.invalid")
        #expect(try await site.catalog.read { try $0.count("SELECT COUNT(*) AS n FROM granule") } == 1)
        let refused = try await site.desk().resend([submission.id], actor: "ann", reason: "try")
        #expect(refused.map(\.done) == [false])
        try await site.expectSound()
    }

    @Test("once the cause is removed, a resend writes the message that could not be written")
    func writtenLater() async throws {
        let site = try Site { $0.profile.maximumBytes = 10 }
        let submission = try #require(try await site.archive())
        #expect(submission.state == .rejected)
        let mended = Destination(name: "daac", profile: MessageProfile(uriBase: "file:///archive"))
        let desk = DeliveryDesk(catalog: site.catalog, destinations: [mended], schemas: site.schemas)
        let preview = try await desk.resend([submission.id], actor: "ann", reason: "raised the limit", dryRun: true)
        #expect(preview.map(\.message) == ["It would be sent again."])
        #expect(try await site.state(submission) == .rejected)
        #expect(try await desk.resend([submission.id], actor: "ann", reason: "raised the limit").map(\.done) == [true])
        try await site.send()
        #expect(site.outbox.all.map(\.key) == [submission.identifier])
    }

    @Test("a later revision leaves alone one that stays current beside it")
    func staysCurrent() async throws {
        let site = try Site()
        let first = try #require(try await site.archive())
        let second = try #require(try await site.archive(revision: 2, seed: 8))
        try await site.send()
        #expect(Set(site.outbox.all.map(\.key)) == [first.identifier, second.identifier])
    }

    @Test("a later revision supersedes what is not settled of one that it replaces")
    func supersedes() async throws {
        let site = try Site()
        let first = try #require(try await site.archive())
        let now = site.catalog.clock.now()
        try await site.catalog.write { session in
            try session.move(
                .granule, first.granuleID, from: GranuleState.archived, to: .superseded, at: now,
                because: Cause("replaced", by: "test"))
        }
        let second = try #require(try await site.archive(revision: 2, seed: 8))
        #expect(try await site.state(first) == .superseded)
        #expect(try await site.state(second) == .pending)
        try await site.send()
        #expect(site.outbox.all.map(\.key) == [second.identifier])
        try await site.expectSound()
    }

    @Test("a destination that has left the configuration is no reason to stop")
    func unknownDestination() async throws {
        let site = try Site()
        let submission = try #require(try await site.archive())
        try await SubmissionSender(catalog: site.catalog, routes: []).sendOnce()
        #expect(try await site.submission(submission.id)?.errorCode == "configuration.invalid")
        #expect(try await site.state(submission) == .rejected)
    }
}

/// Publishes, and then the process "dies": what comes after never happens.
private struct Dying: MessagePublisher {
    let publisher: MemoryMessageQueue

    func publish(_ messages: [OutgoingMessage]) async -> [Result<String, any Error>] {
        await publisher.publish(messages)
    }
}

extension Site {
    /// Claims and publishes as the sender does, and stops where a death would.
    fileprivate func sendUntilDeath(_ publisher: Dying) async throws {
        let claim = WorkClaim(.sendSubmission, owner: "sender", now: catalog.steady.now())
        let claimed = try await catalog.write { try $0.claimWork(claim) }
        for work in claimed {
            guard let submission = try await submission(work.subjectID) else { continue }
            _ = try await publisher.publish(OutgoingMessage(identifier: submission.identifier, body: submission.body))
        }
        throw GranaryError(.catalogFailed, "dead", remedy: "none")
    }
}

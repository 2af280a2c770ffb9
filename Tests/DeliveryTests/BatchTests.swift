// SPDX-License-Identifier: Apache-2.0
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@testable import GranaryDelivery

@Suite("Sending in batches") struct BatchTests {
    @Test("what is due to one destination goes out in one batch, and a failed message does not touch its neighbours")
    func partialFailure() async throws {
        let site = try Site()
        let submissions = try await site.archiveThree()
        let publisher = Recording(site.outbox)
        site.outbox.faults.fail(.publish, onCall: 2, with: .planned())
        try await site.send(publisher)
        #expect(publisher.batches.map { $0.map(\.identifier) } == [submissions.map(\.identifier)])
        #expect(try await site.states(submissions) == [.sent, .pending, .sent])
        #expect(
            try await site.catalog.read { try $0.work(.sendSubmission, subject: submissions[1].id)?.state }
                == .retryable)
        site.clock.advance(by: .seconds(600))
        try await site.send(publisher)
        #expect(publisher.batches.map(\.count) == [3, 1])
        #expect(try await site.states(submissions) == [.sent, .sent, .sent])
        #expect(site.outbox.all.count == 3)
        try await site.expectSound()
    }

    @Test("a message that can't be sent at all is given up, and its neighbours are sent")
    func unsendable() async throws {
        let site = try Site()
        let submissions = try await site.archiveThree()
        site.outbox.faults.fail(.publish, onCall: 1, with: .planned(.limitReached, .quarantine))
        try await site.send()
        #expect(try await site.states(submissions) == [.rejected, .sent, .sent])
        #expect(try await site.submission(submissions[0].id)?.errorCode == "limit.reached")
        try await site.expectSound()
    }

    @Test("a claim that ran out while the batch was on its way leaves only its own message to the newer claim")
    func lostClaim() async throws {
        let site = try Site()
        let submissions = try await site.archiveThree()
        let publisher = Recording(site.outbox) {
            try? await site.catalog.write {
                _ = try $0.execute("UPDATE work SET token = token + 1 WHERE subject_id = ?", [submissions[1].id])
            }
        }
        try await site.send(publisher)
        #expect(try await site.states(submissions) == [.sent, .pending, .sent])
        let attempts = try await site.catalog.read { try $0.count("SELECT COUNT(*) AS n FROM submission_attempt") }
        #expect(attempts == 2)
    }

    @Test("one destination's broker that fails keeps nothing from another's")
    func destinations() async throws {
        let site = try Site()
        let other = Destination(name: "other", profile: MessageProfile(uriBase: "file:///archive"))
        let reaction = DeliveryReaction(
            destinations: [site.destination, other], schemas: site.schemas, steady: site.catalog.steady)
        let now = site.clock.now()
        try await site.catalog.write { session in
            let id = try session.insertGranule("G1", file: "G1.nc", at: now)
            guard let granule = try session.granule(id) else { return }
            try reaction.granuleArchived(granule, files: session.files(ofGranule: id), in: session, at: now)
        }
        let (broken, good) = (MemoryMessageQueue(), Recording(MemoryMessageQueue()))
        broken.faults.failNext(.publish, with: .planned())
        try await SubmissionSender(
            catalog: site.catalog,
            routes: [DestinationRoute(site.destination, publisher: broken), DestinationRoute(other, publisher: good)]
        ).sendOnce()
        #expect(good.batches.map(\.count) == [1])
        let states = try await site.catalog.read { session in
            try session.query("SELECT state FROM submission ORDER BY destination").map { try $0.text("state") }
        }
        #expect(states == ["pending", "sent"])
    }

    @Test("tries of one sending are one occasion, a resend is the next; the order is that of the collection")
    func occasions() async throws {
        let site = try Site { $0.resend = ResendPolicy(delay: .zero) }
        try await site.archive()
        let publisher = Recording(site.outbox)
        site.outbox.faults.failNext(.publish, with: .planned())
        try await site.send(publisher)
        for _ in 0..<2 {
            site.clock.advance(by: .seconds(90_000))
            try await site.sweep()
            try await site.sweep()
            try await site.send(publisher)
        }
        #expect(publisher.batches.map { $0.map(\.occasion) } == [[0], [0], [1]])
        #expect(publisher.batches.allSatisfy { $0.allSatisfy { $0.group == "SST" } })
        #expect(Set(publisher.batches.flatMap { $0.map(\.body) }).count == 1)
    }

    @Test("a broker that says when to come again is not asked sooner")
    func patience() async throws {
        let site = try Site()
        let submission = try #require(try await site.archive())
        let busy = GranaryError.planned(.storeFailed, .retry(after: .seconds(1000)))
        site.outbox.faults.failNext(.publish, with: busy)
        try await site.send()
        site.clock.advance(by: .seconds(999))
        try await site.send()
        #expect(try await site.state(submission) == .pending)
        site.clock.advance(by: .seconds(1))
        try await site.send()
        #expect(try await site.state(submission) == .sent)
    }

    @Test("answers go out in one batch; one that fails is sent later, and one that is sent again is another occasion")
    func answers() async throws {
        let side = try ArchiveSide()
        side.staging.put("G1.nc", Array("hello".utf8))
        for index in 0..<3 { side.announcements.put(announcement(identifier: "i\(index)").bytes(), key: "m\(index)") }
        try await side.watch()
        try await side.take()
        let publisher = Recording(side.answers)
        side.answers.faults.fail(.publish, onCall: 2, with: .planned())
        try await side.answer(publisher)
        side.clock.advance(by: .seconds(600))
        try await side.answer(publisher)
        #expect(publisher.batches.map(\.count) == [3, 1])
        #expect(try side.answered().count == 3)
        // Whichever of the three was the one that failed, a resend so much later is no redelivery.
        side.clock.advance(by: .seconds(600))
        side.announcements.put(announcement(identifier: "i0").bytes(), key: "m0")
        try await side.watch()
        try await side.answer(publisher)
        #expect(publisher.batches.map { $0.map(\.occasion) } == [[0, 0, 0], [0], [1]])
        #expect(publisher.batches.allSatisfy { $0.allSatisfy { $0.group == "SST" } })
        try await side.expectSound()
    }
}

/// Hands every batch on and remembers it.
final class Recording: MessagePublisher {
    private let queue: MemoryMessageQueue
    private let meanwhile: @Sendable () async -> Void
    private let seen = Mutex<[[OutgoingMessage]]>([])

    init(_ queue: MemoryMessageQueue, meanwhile: @escaping @Sendable () async -> Void = {}) {
        self.queue = queue
        self.meanwhile = meanwhile
    }

    var batches: [[OutgoingMessage]] { seen.withLock { $0 } }

    func publish(_ messages: [OutgoingMessage]) async -> [Result<String, any Error>] {
        seen.withLock { $0.append(messages) }
        await meanwhile()
        return await queue.publish(messages)
    }
}

extension Site {
    fileprivate func archiveThree() async throws -> [SubmissionRecord] {
        var submissions: [SubmissionRecord] = []
        for index in 0..<3 {
            let submission = try await archive("G\(index)", file: BytePath("G\(index).nc"), seed: UInt64(index))
            submissions.append(try #require(submission))
        }
        return submissions
    }

    fileprivate func states(_ submissions: [SubmissionRecord]) async throws -> [SubmissionState?] {
        var states: [SubmissionState?] = []
        for submission in submissions { states.append(try await state(submission)) }
        return states
    }
}

extension ArchiveSide {
    fileprivate func answer(_ publisher: Recording) async throws {
        try await AnswerSender(catalog: catalog, publishers: ["daac": publisher]).answerOnce()
    }
}

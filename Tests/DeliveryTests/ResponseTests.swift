// SPDX-License-Identifier: Apache-2.0
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryDelivery

@Suite struct ResponseTests {
    @Test("a success settles the submission with the partner's times and its catalogue's name")
    func success() async throws {
        let (site, submission) = try await sent()
        var answer = submission.response("SUCCESS")
        answer["response"] = ["status": "SUCCESS", "ingestionMetadata": ["catalogId": "G1-DAAC"]]
        site.clock.advance(by: .seconds(60))
        try await site.settle(answer)
        let settled = try #require(try await site.submission(submission.id))
        #expect(settled.state == .acknowledged)
        #expect(settled.catalogID == "G1-DAAC")
        #expect(settled.partnerReceivedAt == Timestamp(parsing: "2026-01-01T00:05:00Z"))
        #expect(settled.partnerCompletedAt == Timestamp(parsing: "2026-01-01T00:10:00Z"))
        #expect(settled.respondedAt == site.clock.now())
        #expect(settled.reconciledAt == site.clock.now())
        #expect(settled.dueAt == nil)
        #expect(site.answers.all.isEmpty)
        try await site.expectSound()
    }

    @Test("ten copies of an answer count once")
    func duplicates() async throws {
        let (site, submission) = try await sent()
        for _ in 0..<10 { site.answer(submission.response("SUCCESS")) }
        try await site.receive()
        try await site.reconcile()
        #expect(try await site.verdicts() == ["applied"] + Array(repeating: "duplicate", count: 9))
    }

    @Test("the same message redelivered is stored once")
    func redelivered() async throws {
        let (site, submission) = try await sent()
        site.answers.faults.failNext(.delete, with: .planned())
        site.answer(submission.response("SUCCESS"), key: "m1")
        try await site.receive()
        #expect(site.answers.all.count == 1)
        try await site.receive()
        #expect(site.answers.all.isEmpty)
        #expect(try await site.catalog.read { try $0.count("SELECT COUNT(*) AS n FROM message_in") } == 1)
    }

    @Test("an answer that overtakes the record of the send settles, and the send is only written down")
    func overtakes() async throws {
        let site = try Site()
        let submission = try #require(try await site.archive())
        let answering = Answering(queue: site.outbox) {
            try await site.settle(submission.response("SUCCESS"))
        }
        try await site.send(answering)
        let settled = try #require(try await site.submission(submission.id))
        #expect(settled.state == .acknowledged)
        #expect(settled.attempts == 1)
        try await site.expectSound()
    }

    @Test("an answer to an identifier that nobody knows is kept, and counts when the submission appears")
    func unmatched() async throws {
        let site = try Site()
        let identifier = SeededRandomness(seed: 7).identifier()
        let early = try await Site().archive()
        #expect(early?.identifier == identifier)
        try await site.settle(try #require(early).response("SUCCESS"))
        #expect(try await site.verdicts() == ["unmatched"])
        let submission = try #require(try await site.archive())
        try await site.reconcile()
        #expect(try await site.verdicts() == ["applied"])
        #expect(try await site.state(submission) == .acknowledged)
        try await site.send()
        #expect(site.outbox.all.isEmpty)
        try await site.expectSound()
    }

    @Test("a failure after a success is raised and not applied")
    func contradiction() async throws {
        let (site, submission) = try await sent()
        try await site.settle(submission.response("SUCCESS"))
        try await site.settle(submission.response("FAILURE", code: "PROCESSING_ERROR"))
        #expect(try await site.verdicts() == ["applied", "contradiction"])
        #expect(try await site.state(submission) == .acknowledged)
        #expect(try await site.events("contradicted") == 1)
    }

    @Test("an answer on another partner's queue has no say, whatever identifier it names")
    func otherPartner() async throws {
        let (site, submission) = try await sent()
        let stranger = MemoryMessageQueue(clock: site.clock)
        stranger.put(submission.response("SUCCESS").bytes(), key: "forged")
        try await ResponseReceiver(name: "other", receiver: stranger, catalog: site.catalog).receiveOnce()
        try await site.reconcile()
        #expect(try await site.verdicts() == ["unmatched"])
        #expect(try await site.state(submission) == .sent)
    }

    @Test(
        "what cannot be read is kept with its reason, and stops nothing",
        arguments: [
            "", "no JSON", "[]", "{}", "{\"response\":{\"status\":\"MAYBE\"},\"identifier\":\"x\"}",
            "{\"identifier\":\"a\",\"identifier\":\"b\",\"response\":{\"status\":\"SUCCESS\"}}",
            "{\"Type\":\"SubscriptionConfirmation\",\"SubscribeURL\":\"http://attacker.example/\"}",
            "{\"product\":{\"name\":\"x\",\"files\":[]},\"identifier\":\"x\"}",
        ])
    func malformed(text: String) async throws {
        let (site, submission) = try await sent()
        site.answers.put(Array(text.utf8), key: "bad")
        try await site.settle(submission.response("SUCCESS"))
        #expect(try await site.verdicts() == ["unreadable", "applied"])
        #expect(try await site.state(submission) == .acknowledged)
        try await site.expectSound()
    }

    @Test("an answer of 1 MiB is read, and what is kept of its text is cut")
    func large() async throws {
        let (site, submission) = try await sent()
        var answer = submission.response("FAILURE", code: "PROCESSING_ERROR")
        answer["response"]?["errorMessage"] = .string(String(repeating: "é", count: 1 << 19))
        try await site.settle(answer)
        let failed = try #require(try await site.submission(submission.id))
        #expect(failed.state == .rejected)
        #expect(failed.error?.utf8.count == Limits.storedText)
        #expect(failed.error?.allSatisfy { $0 == "é" } == true)
    }

    @Test("a batch of answers in one message is as many answers")
    func batch() async throws {
        let site = try Site()
        let first = try #require(try await site.archive("A", file: "a", seed: 1))
        let second = try #require(try await site.archive("B", file: "b", seed: 2))
        try await site.send()
        let records: [JSONValue] = [first, second].map { ["body": .string($0.response("SUCCESS").text)] }
        try await site.settle(["Records": .array(records)])
        #expect(try await site.state(first) == .acknowledged)
        #expect(try await site.state(second) == .acknowledged)
    }

    @Test("differences between receipt and delivery are findings, and do not undo the success")
    func receipt() async throws {
        let (site, submission) = try await sent()
        var answer = submission.response("SUCCESS")
        answer["product"] = [
            "name": "G1",
            "files": [
                [
                    "name": "G1.nc", "uri": "s3://b/p/G1.nc", "type": "data", "size": 6, "checksumType": "SHA256",
                    "checksum": .string(Checksum(.sha256, of: [1]).hex),
                ],
                ["name": "G1.cmr.json", "uri": "s3://b/p/G1.cmr.json", "type": "metadata", "size": 1],
            ],
        ]
        try await site.settle(answer)
        #expect(try await site.state(submission) == .acknowledged)
        #expect(try await site.events("receipt differs") == 1)
        let kept = try await site.catalog.read { try $0.first("SELECT findings FROM response")?.text("findings") }
        #expect(try JSONValue(parsing: kept ?? "").array?.count == 3)
    }

    @Test("all 720 orders of six messages end the same in the ledger")
    func allOrders() async throws {
        let site = try Site()
        let first = try #require(try await site.archive())
        let messages: [JSONValue] = [
            first.response("SUCCESS"), first.response("SUCCESS", completed: "2026-01-01T00:11:00Z"),
            first.response("FAILURE", code: "TRANSFER_ERROR"), first.response("FAILURE", code: "VALIDATION_ERROR"),
            first.response("FAILURE"), ["identifier": .string(first.identifier)],
        ]
        let (now, steady, destinations) = (site.clock.now(), site.catalog.steady.now(), ["daac": site.destination])
        try await site.catalog.write { session in
            try permutations(of: messages) { order in
                try session.execute(
                    "UPDATE submission SET state = 'sent', sent_at = 0, due_at = 0, reconciled_at = NULL WHERE id = ?",
                    [first.id])
                for (number, message) in order.enumerated() {
                    let stored = try session.stored(message, key: "\(number)")
                    _ = try ResponseHandling(
                        session: session, message: stored, read: PartnerMessage(reading: stored.body),
                        destinations: destinations, now: now, steady: steady
                    ).handle()
                }
                #expect(try session.submission(first.id)?.state == .acknowledged, "\(order)")
            }
        }
    }

    private func sent() async throws -> (Site, SubmissionRecord) {
        let site = try Site()
        let submission = try #require(try await site.archive())
        try await site.send()
        return (site, submission)
    }
}

/// A partner so quick that its answer is here before the send returns.
private struct Answering: MessagePublisher {
    let queue: MemoryMessageQueue
    let answer: @Sendable () async throws -> Void

    init(queue: MemoryMessageQueue, answer: @escaping @Sendable () async throws -> Void) {
        self.queue = queue
        self.answer = answer
    }

    func publish(_ messages: [OutgoingMessage]) async -> [Result<String, any Error>] {
        let results = await queue.publish(messages)
        do {
            try await answer()
            return results
        } catch {
            return messages.map { _ in .failure(error) }
        }
    }
}

extension SQLSession {
    fileprivate func stored(_ message: JSONValue, key: String) throws -> StoredMessage {
        let names = ["id", "source", "message_key", "digest", "body", "received_at"]
        let values: [SQLValue] = [
            .integer(1), .text("cnm-r/daac"), .text(key), .text("SHA256:\(key)"), .bytes(message.bytes()), .integer(0),
        ]
        return try StoredMessage(row: SQLRow(columns: .init(names), values: values))
    }
}

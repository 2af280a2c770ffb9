// SPDX-License-Identifier: Apache-2.0
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryDelivery

@Suite struct OverdueTests {
    @Test("silence is answered by resends up to the cap, with the same bytes, and then raised")
    func silence() async throws {
        let site = try Site { $0.deadline = .seconds(600) }
        let submission = try #require(try await site.archive())
        for number in 1...3 {
            try await site.send()
            #expect(try await site.state(submission) == .sent)
            #expect(site.outbox.all.map(\.body) == [submission.body])
            #expect(site.outbox.faults.calls(.publish) == number)
            site.clock.advance(by: .seconds(599))
            try await site.sweep()
            #expect(try await site.state(submission) == .sent)
            site.clock.advance(by: .seconds(1))
            try await site.sweep()
        }
        #expect(try await site.state(submission) == .overdue)
        #expect(try await site.events("escalated") == 1)
        try await site.send()
        #expect(site.outbox.faults.calls(.publish) == 3)
        #expect(try await site.findings() == [])
        try await site.settle(submission.response("SUCCESS"))
        #expect(try await site.state(submission) == .acknowledged)
    }

    @Test("the operator may send beyond the cap")
    func operatorResend() async throws {
        let site = try Site { $0.resend.maximumSends = 1 }
        let submission = try #require(try await site.archive())
        try await site.send()
        site.clock.advance(by: .seconds(86_400))
        try await site.sweep()
        #expect(try await site.state(submission) == .overdue)
        #expect(try await site.desk().resend([submission.id], actor: "ann", reason: "they asked").map(\.done) == [true])
        try await site.send()
        #expect(site.outbox.faults.calls(.publish) == 2)
        let event = try await site.catalog.read {
            try $0.first("SELECT actor, detail FROM event WHERE cause = 'resent by operator'")
        }
        #expect(try event?.text("actor") == "ann")
        #expect(try event?.text("detail") == "they asked")
    }

    @Test("a transfer error is sent again after a while; a late success in between saves the resend")
    func transferError() async throws {
        let (site, submission) = try await refused("TRANSFER_ERROR")
        #expect(try await site.state(submission) == .rejected)
        try await site.sweep()
        #expect(try await site.state(submission) == .rejected)
        site.clock.advance(by: .seconds(300))
        try await site.sweep()
        try await site.send()
        #expect(site.outbox.faults.calls(.publish) == 2)
        try await site.settle(submission.response("FAILURE", code: "TRANSFER_ERROR", completed: "2026-01-01T00:20:00Z"))
        try await site.settle(submission.response("SUCCESS"))
        site.clock.advance(by: .seconds(300))
        try await site.sweep()
        #expect(try await site.state(submission) == .acknowledged)
        #expect(site.outbox.faults.calls(.publish) == 2)
    }

    @Test("a repeat of the first refusal does not use up the second send")
    func repeatedRefusal() async throws {
        let (site, submission) = try await refused("TRANSFER_ERROR")
        site.clock.advance(by: .seconds(300))
        try await site.sweep()
        try await site.send()
        try await site.settle(submission.response("FAILURE", code: "TRANSFER_ERROR"))
        #expect(try await site.verdicts() == ["applied", "duplicate"])
        #expect(try await site.state(submission) == .sent)
    }

    @Test("other failures are held for an operator", arguments: ["VALIDATION_ERROR", "PROCESSING_ERROR", "NEW_ERROR", nil])
    func held(code: String?) async throws {
        let (site, submission) = try await refused(code)
        site.clock.advance(by: .seconds(86_400))
        try await site.sweep()
        #expect(try await site.state(submission) == .rejected)
        #expect(try await site.submission(submission.id)?.errorCode == code)
        #expect(try await site.events("escalated") == 1)
    }

    @Test("a step of the wall clock makes nothing overdue")
    func clockStep() async throws {
        let site = try Site()
        let submission = try #require(try await site.archive())
        try await site.send()
        site.clock.step(to: site.clock.now() + .seconds(10_000_000))
        try await site.sweep()
        #expect(try await site.state(submission) == .sent)
    }

    private func refused(_ code: String?) async throws -> (Site, SubmissionRecord) {
        let site = try Site()
        let submission = try #require(try await site.archive())
        try await site.send()
        try await site.settle(submission.response("FAILURE", code: code))
        return (site, submission)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@Suite("One owner, kept in order")
struct HousekeepingTests {
    @Test("the second owner of a home is told who the first is; the home is free again afterwards")
    func lock() throws {
        let home = try TemporaryDirectory()
        let first = try CatalogLock(home: home.path)
        let error = #expect(throws: GranaryError.self) { try CatalogLock(home: home.path) }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
        first.release()
        first.release()
        let second = try CatalogLock(home: home.path)
        second.release()
    }

    @Test("a home that is not there cannot be locked")
    func noHome() {
        let error = #expect(throws: GranaryError.self) { try CatalogLock(home: "/nonexistent/home") }
        #expect(error?.code == .denied)
    }

    @Test("the next owner frees what the dead held, and knows that it died")
    func takeOver() async throws {
        let clock = ManualClock(noon)
        let temporary = try TemporaryCatalog(clock: clock)
        let catalog = temporary.catalog
        let first = try await catalog.start(node: "alpha")
        #expect(first.wasClean && first.rescued == 0)
        try await catalog.write { session in
            try session.enqueue(.runJob, subject: 1, dueAt: noon)
            _ = try session.claimWork(WorkClaim(.runJob, owner: "alpha", now: noon))
        }
        let heir = try await temporary.reopened()
        let second = try await heir.start(node: "alpha")
        #expect(!second.wasClean && second.rescued == 1 && second.id > first.id)
        try await heir.stop(node: second.id)
        #expect(try await heir.start(node: "alpha").wasClean)
    }

    @Test("a clock set back while nobody ran puts nothing off")
    func clockSetBack() async throws {
        let clock = ManualClock(noon)
        let temporary = try TemporaryCatalog(clock: clock)
        _ = try await temporary.catalog.start(node: "alpha")
        try await temporary.catalog.write { try $0.enqueue(.runJob, subject: 1, dueAt: noon + .seconds(30)) }
        let earlier = ManualClock(noon - .seconds(86_400))
        let heir = try await temporary.reopened(clock: earlier)
        _ = try await heir.start(node: "alpha")
        let due = try await heir.read { try $0.work(.runJob, subject: 1)?.dueAt }
        #expect(due == earlier.now() + .seconds(30))
    }

    @Test("a look frees expired leases, by the steady scale only, and shows that the node lives")
    func maintain() async throws {
        let clock = ManualClock(noon)
        let temporary = try TemporaryCatalog(clock: clock)
        let catalog = temporary.catalog
        let node = try await catalog.start(node: "alpha")
        try await catalog.write { session in
            try session.enqueue(.runJob, subject: 1, dueAt: noon)
            _ = try session.claimWork(WorkClaim(.runJob, owner: "alpha", now: noon))
        }
        let maintenance = CatalogMaintenance(catalog, node: node.id)
        clock.step(to: noon + .seconds(86_400))
        #expect(try await maintenance.maintainOnce() == 0)
        clock.advance(by: .seconds(61))
        #expect(try await maintenance.maintainOnce() == 1)
        #expect(try await catalog.read { try $0.statusSummary().node?.seenAt } == clock.now())
    }

    @Test("a graceful shutdown is recorded")
    func shutdown() async throws {
        let temporary = try TemporaryCatalog()
        let node = try await temporary.catalog.start(node: "alpha")
        let maintenance = CatalogMaintenance(temporary.catalog, node: node.id)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await maintenance.run() }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(try await temporary.catalog.read { try $0.statusSummary().node?.stoppedAt } != nil)
    }

    @Test(
        "the audit log shows where it was changed",
        arguments: [
            "UPDATE operator_action SET actor = 'eve' WHERE id = 2", "DELETE FROM operator_action WHERE id = 2",
            "UPDATE operator_action SET id = 9 WHERE id = 2",
        ])
    func audit(_ tampering: String) async throws {
        let ledger = try await SampleLedger()
        try await ledger.catalog.write { session in
            for reason in ["3", "4"] {
                try session.audit(
                    AuditEntry(at: noon, actor: "ada", action: "a", subject: "s", reason: reason, outcome: "done"))
            }
        }
        #expect(try await ledger.catalog.read { try $0.brokenAuditEntries() } == [])
        try await ledger.damage([tampering])
        #expect(try await ledger.catalog.read { try $0.brokenAuditEntries() }.isEmpty == false)
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore
internal import Testing

extension DatabaseConformance {
    func aMoveWritesItsEvent() async throws {
        let clock = clock
        let events = try await catalog.write { session in
            let id = try session.observe("a", at: clock.now())
            try session.move(
                .arrival, id, from: ArrivalState.observed, to: .settling, at: clock.now(),
                because: Cause("seen again", by: "watcher", detail: "1 look"), set: [("looks", 2)])
            #expect(try session.arrival(id)?.looks == 2)
            return try session.query("SELECT from_state, to_state, cause, actor, detail FROM event ORDER BY id").map(
                \.values)
        }
        #expect(
            events == [
                [.null, .text("observed"), .text("observed"), .text("test"), .null],
                [.text("observed"), .text("settling"), .text("seen again"), .text("watcher"), .text("1 look")],
            ])
    }

    func theSecondMoverLearnsIt() async throws {
        let clock = clock
        let id = try await catalog.write { try $0.observe("a", at: clock.now()) }
        try await settle(id)
        await expectError(.stateConflict) { try await settle(id) }
        #expect(try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM event") } == 2)
    }

    func forbiddenMovesAreRefused() async throws {
        let clock = clock
        let id = try await catalog.write { try $0.observe("a", at: clock.now()) }
        await expectError(.stateConflict) {
            try await catalog.write {
                try $0.move(
                    .arrival, id, from: ArrivalState.observed, to: .archived, at: clock.now(),
                    because: Cause("hope", by: "test"), set: [("ended_at", clock.now())])
            }
        }
        #expect(try await catalog.read { try $0.arrival(id)?.state } == .observed)
    }

    private func settle(_ id: Int64) async throws {
        let clock = clock
        try await catalog.write {
            try $0.move(
                .arrival, id, from: ArrivalState.observed, to: .settling, at: clock.now(),
                because: Cause("seen", by: "test"))
        }
    }

    func eventsAreAppendOnly() async throws {
        let clock = clock
        _ = try await catalog.write { try $0.observe("a", at: clock.now()) }
        for sql in ["UPDATE event SET actor = 'me'", "DELETE FROM event"] {
            await expectError(.catalogConstraint) { try await catalog.write { try $0.execute(sql) } }
        }
        #expect(try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM event WHERE actor = 'test'") } == 1)
    }

    func workIsMadeOnce() async throws {
        try await enqueue([1, 1, 2])
        try await enqueue([1])
        #expect(try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM work") } == 2)
        #expect(try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM event") } == 2)
    }

    func claimsFollowPriorityThenAge() async throws {
        let now = now
        try await catalog.write { session in
            try session.enqueue(.runJob, subject: 1, dueAt: now - .seconds(1))
            try session.enqueue(.runJob, subject: 2, dueAt: now - .seconds(2))
            try session.enqueue(.runJob, subject: 3, priority: 5, dueAt: now)
            try session.enqueue(.sendSubmission, subject: 4, priority: 9, dueAt: now)
        }
        let claimed = try await claim(limit: 2) + claim(limit: 2)
        #expect(claimed.map(\.subjectID) == [3, 2, 1])
        #expect(claimed.allSatisfy { $0.state == .running && $0.attempt == 1 && $0.token == 1 })
        #expect(claimed.allSatisfy { $0.leaseUntil == now + .seconds(60) })
    }

    func workThatIsNotDueWaits() async throws {
        let now = now
        try await catalog.write { try $0.enqueue(.runJob, subject: 1, dueAt: now + .seconds(10)) }
        #expect(try await claim().isEmpty)
        clock.advance(by: .seconds(10))
        #expect(try await claim().map(\.subjectID) == [1])
    }

    func claimersNeverShare() async throws {
        try await enqueue(Array(1...40))
        let claimed = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var mine: [Int64] = []
                    while case let items = try await claim(limit: 3), !items.isEmpty { mine += items.map(\.subjectID) }
                    return mine
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.sorted() == Array(1...40))
    }

    func aStaleHolderChangesNothing() async throws {
        try await enqueue([1])
        let stale = try #require(try await claim().first)
        clock.advance(by: .seconds(61))
        _ = try await rescue()
        let fresh = try #require(try await claim().first)
        #expect(fresh.token > stale.token && fresh.attempt == 2)
        let now = now
        await expectError(.leaseLost) { try await catalog.write { try $0.fence(stale) } }
        await expectError(.leaseLost) { try await catalog.write { try $0.heartbeat(stale, until: now + .seconds(60)) } }
        await expectError(.leaseLost) { try await catalog.write { try $0.finish(stale, .completed, at: now) } }
        try await catalog.write { try $0.finish(fresh, .completed, at: now) }
        await expectError(.leaseLost) { try await catalog.write { try $0.finish(fresh, .completed, at: now) } }
        #expect(try await catalog.read { try $0.work(.runJob, subject: 1)?.state } == .completed)
    }

    func expiredLeasesAreRescued() async throws {
        try await enqueue([1, 2])
        let items = try await claim(limit: 2)
        clock.advance(by: .seconds(50))
        let now = now
        try await catalog.write { try $0.heartbeat(items[1], until: now + .seconds(60)) }
        clock.advance(by: .seconds(20))
        #expect(try await rescue() == 1)
        #expect(try await claim(limit: 2).map(\.subjectID) == [items[0].subjectID])
    }

    func theDeadAreRescued() async throws {
        try await enqueue([1, 2, 3])
        _ = try await claim(limit: 2)
        let now = now
        #expect(try await catalog.write { try $0.rescueAll(at: now) } == 2)
        #expect(try await claim(limit: 9).count == 3)
    }

    func notYetIsNoTry() async throws {
        try await enqueue([1])
        for ending in [WorkEnding.scheduled(at: now), .handedBack, .scheduled(at: now)] {
            let item = try #require(try await claim().first)
            #expect(item.attempt == 1)
            let now = now
            try await catalog.write { try $0.finish(item, ending, at: now) }
        }
        let item = try #require(try await claim().first)
        let now = now
        try await catalog.write { try $0.finish(item, .retryable(at: now, error: "broke"), at: now) }
        let again = try #require(try await claim().first)
        #expect(again.attempt == 2 && again.error == "broke")
    }

    func endedWorkRevives() async throws {
        try await enqueue([1])
        let (now, cause) = (now, Cause("retried by operator", by: "ada"))
        #expect(try await catalog.write { try $0.revive(.runJob, subject: 1, at: now, because: cause) } == false)
        let item = try #require(try await claim().first)
        #expect(try await catalog.write { try $0.revive(.runJob, subject: 1, at: now, because: cause) } == false)
        try await catalog.write { try $0.finish(item, .discarded(error: "no more"), at: now) }
        #expect(try await claim().isEmpty)
        #expect(try await catalog.write { try $0.revive(.runJob, subject: 1, at: now, because: cause) })
        #expect(try await catalog.write { try $0.revive(.runJob, subject: 2, at: now, because: cause) } == false)
        #expect(try await claim().first?.attempt == 1)
    }

    private func enqueue(_ subjects: [Int64]) async throws {
        let now = now
        try await catalog.write { session in
            for subject in subjects { try session.enqueue(.runJob, subject: subject, dueAt: now) }
        }
    }

    private func claim(limit: Int = 1) async throws -> [WorkItem] {
        let claim = WorkClaim(.runJob, owner: "worker", now: now, limit: limit)
        return try await catalog.write { try $0.claimWork(claim) }
    }

    private func rescue() async throws -> Int {
        let now = now
        return try await catalog.write { try $0.rescueExpired(at: now) }
    }
}

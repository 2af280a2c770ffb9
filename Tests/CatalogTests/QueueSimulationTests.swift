// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@Suite("The work queue under random use")
struct QueueSimulationTests {
    @Test(
        "whatever happens in whatever order, no work is lost, shared or finished by a stale holder", arguments: 0..<20)
    func random(_ seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let clock = ManualClock(noon)
        let catalog = try TemporaryCatalog(clock: clock)
        var model = QueueModel()
        for step in 0..<150 {
            try await model.act(on: catalog.catalog, clock, &random)
            try await model.compare(with: catalog.catalog, "seed \(seed), step \(step)")
        }
        let rules = CatalogRule.all.filter {
            $0.name.hasPrefix("event") || $0.name.hasPrefix("work.event") || $0.name == "work.lease"
        }
        #expect(try await CatalogCheck(rules: rules).findings(in: catalog.catalog) == [], "seed \(seed)")
    }
}

/// What the queue must hold, kept by a few lines that cannot be wrong.
private struct QueueModel {
    /// Every claim ever made, by its work; only the last one of running work is good.
    private var claims: [WorkItem] = []
    private var states: [Int64: WorkState] = [:]
    private var holders: [Int64: Int64] = [:]

    mutating func act(on catalog: Catalog, _ clock: ManualClock, _ random: inout SeededGenerator) async throws {
        let now = catalog.steady.now()
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1: try await enqueue(Int64.random(in: 1...12, using: &random), in: catalog, now)
        case 2, 3: try await claim(Int.random(in: 1...3, using: &random), in: catalog, now)
        case 4, 5, 6: try await finish(&random, in: catalog, now)
        case 7: clock.advance(by: .seconds(Int.random(in: 1...90, using: &random)))
        case 8: try await rescue(in: catalog, now)
        default: try await revive(Int64.random(in: 1...12, using: &random), in: catalog, now)
        }
    }

    private mutating func enqueue(_ subject: Int64, in catalog: Catalog, _ now: Timestamp) async throws {
        try await catalog.write { try $0.enqueue(.runJob, subject: subject, dueAt: now) }
        if states[subject] == nil { states[subject] = .available }
    }

    private mutating func claim(_ limit: Int, in catalog: Catalog, _ now: Timestamp) async throws {
        let items = try await catalog.write { try $0.claimWork(WorkClaim(.runJob, owner: "w", now: now, limit: limit)) }
        for item in items {
            #expect(states[item.subjectID].map(WorkState.claimable.contains) == true, "claimed \(item) twice")
            states[item.subjectID] = .running
            holders[item.subjectID] = item.token
        }
        claims += items
    }

    private mutating func finish(_ random: inout SeededGenerator, in catalog: Catalog, _ now: Timestamp) async throws {
        guard !claims.isEmpty else { return }
        let item = random.pick(claims)
        let endings: [(WorkEnding, WorkState)] = [
            (.completed, .completed), (.scheduled(at: now + .seconds(5)), .scheduled), (.handedBack, .available),
            (.retryable(at: now + .seconds(5), error: "e"), .retryable), (.discarded(error: "e"), .discarded),
        ]
        let (ending, state) = random.pick(endings)
        let isHeld = states[item.subjectID] == .running && holders[item.subjectID] == item.token
        do {
            try await catalog.write { try $0.finish(item, ending, at: now) }
            #expect(isHeld, "a stale holder finished \(item)")
            states[item.subjectID] = state
        } catch let error as GranaryError {
            #expect(!isHeld && error.code == .leaseLost, "\(error)")
        }
    }

    private mutating func rescue(in catalog: Catalog, _ now: Timestamp) async throws {
        let running = try await catalog.read { session in
            try session.query("SELECT * FROM work WHERE state = 'running'").map(WorkItem.init(row:))
        }
        let expired = running.filter { $0.leaseUntil.map { $0 < now } == true }
        #expect(try await catalog.write { try $0.rescueExpired(at: now) } == expired.count)
        for item in expired { states[item.subjectID] = .available }
    }

    private mutating func revive(_ subject: Int64, in catalog: Catalog, _ now: Timestamp) async throws {
        let ended: Set<WorkState> = [.completed, .discarded, .cancelled]
        let revived = try await catalog.write {
            try $0.revive(.runJob, subject: subject, at: now, because: Cause("again", by: "test"))
        }
        #expect(revived == states[subject].map(ended.contains) ?? false)
        if revived { states[subject] = .available }
    }

    func compare(with catalog: Catalog, _ place: String) async throws {
        let rows = try await catalog.read { try $0.query("SELECT * FROM work").map(WorkItem.init(row:)) }
        let kept = Dictionary(rows.map { ($0.subjectID, $0.state) }, uniquingKeysWith: { first, _ in first })
        #expect(kept == states, Comment(rawValue: place))
        #expect(
            rows.allSatisfy { ($0.state == .running) == ($0.leaseUntil != nil) && $0.attempt >= 0 },
            Comment(rawValue: place))
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryTesting
import Testing

@testable import GranaryCore

/// The same number for ever.
private struct Fixed: Randomness {
    var number: UInt64
    func bits() -> UInt64 { number }
}

@Suite struct RetryPolicyTests {
    let policy = RetryPolicy(attempts: 6, first: .seconds(2), longest: .seconds(20))

    @Test(
        "Delays double up to the longest, and jitter takes anything up to that",
        arguments: [(1, 2), (2, 4), (3, 8), (4, 16), (5, 20)])
    func delays(attempt: Int, bound: Int) throws {
        let least = try #require(policy.delay(afterAttempt: attempt, randomness: Fixed(number: 0)))
        let most = try #require(policy.delay(afterAttempt: attempt, randomness: Fixed(number: .max)))
        #expect(least == .zero)
        #expect(most <= .seconds(bound) && most > .seconds(bound) * 0.999)
    }

    @Test("After the last attempt there is none", arguments: [6, 7, .max])
    func last(attempt: Int) { #expect(policy.delay(afterAttempt: attempt, randomness: Fixed(number: 0)) == nil) }

    @Test("Many attempts never overflow", arguments: [1000, Int.max - 1])
    func many(attempt: Int) throws {
        let patient = RetryPolicy(attempts: .max, first: .seconds(86_400), longest: .seconds(604_800))
        let most = try #require(patient.delay(afterAttempt: attempt, randomness: Fixed(number: .max)))
        #expect(most <= .seconds(604_800) && most > .seconds(604_000))
    }
}

@Suite struct RandomnessTests {
    @Test("Identifiers have the form of a version 4 UUID", arguments: [0, 7, UInt64.max])
    func form(number: UInt64) throws {
        let text = Fixed(number: number).identifier()
        let parts = text.split(separator: "-")
        #expect(parts.map(\.utf8.count) == [8, 4, 4, 4, 12])
        #expect(parts[2].first == "4")
        #expect("89ab".contains(try #require(parts[3].first)))
        #expect(text.allSatisfy { "0123456789abcdef-".contains($0) })
    }

    @Test("Chance does not repeat itself; the same seed does")
    func seeds() {
        let (one, same, other) = (SeededRandomness(seed: 1), SeededRandomness(seed: 1), SeededRandomness(seed: 2))
        let identifiers = (0..<1000).map { _ in one.identifier() }
        #expect(Set(identifiers).count == 1000)
        #expect((0..<1000).map { _ in same.identifier() } == identifiers)
        #expect(other.identifier() != identifiers[0])
    }

    @Test("A fraction is at least 0 and less than 1")
    func fraction() {
        #expect(Fixed(number: 0).fraction() == 0)
        #expect(Fixed(number: .max).fraction() < 1)
    }
}

@Suite struct CrashPlanTests {
    /// Death itself is proved by the tests of the built binary; here, that nobody dies who was not asked to.
    @Test(
        "Other points, earlier visits and plans that say nothing are survived",
        arguments: ["", "nonsense", "ingest.recorded:3", "ingest.observed:2:x", ":"])
    func survived(text: String) {
        let plan = CrashPlan(text)
        plan.visit(.ingestObserved)
        plan.visit(.ingestRecorded)
        plan.visit(.ingestRecorded)
    }

    @Test("Every point has a name of its own")
    func names() { #expect(Set(CrashPoint.allCases.map(\.rawValue)).count == CrashPoint.allCases.count) }
}

@Suite struct LifeTests {
    private func check<State: LifeState>(_: State.Type, from births: Set<State>, finals: Set<State>) {
        var reached = births
        while case let more = reached.union(reached.flatMap(\.next)), more != reached { reached = more }
        #expect(reached == Set(State.allCases), "every state can be reached")
        #expect(Set(State.allCases.filter(\.isFinal)) == finals)
        for state in State.allCases {
            #expect(!state.canBecome(state))
            for other in State.allCases { #expect(state.canBecome(other) == state.next.contains(other)) }
        }
    }

    @Test("Every state can be reached, and what is final is never left")
    func lives() {
        check(ArrivalState.self, from: [.observed], finals: [.archived, .duplicate, .rejected, .ignored, .vanished])
        check(GranuleState.self, from: [.waiting], finals: [.superseded, .rejected])
        check(JobState.self, from: [.accepted], finals: [.successful, .dismissed])
        check(SubmissionState.self, from: [.pending], finals: [.acknowledged, .cancelled, .superseded])
        check(WorkState.self, from: [.available, .scheduled], finals: [])
    }

    @Test("An arrival is open exactly while something is left to do, and quarantine is the operator's")
    func arrivals() {
        #expect(ArrivalState.open == [.observed, .settling, .waiting, .verifying])
        #expect(ArrivalState.quarantined.next == [.observed, .rejected])
        for state in ArrivalState.open { #expect(state.canBecome(.quarantined) && state.canBecome(.vanished)) }
        #expect(
            ArrivalState.allCases.filter { $0.canBecome(.archived) } == [.verifying], "only what was read is archived")
    }

    @Test("Success settles a submission", arguments: SubmissionState.allCases)
    func success(state: SubmissionState) {
        switch state {
        case .acknowledged: #expect(state.verdict(on: .failure(.transfer)) == .contradiction)
        case .cancelled, .superseded: #expect(state.verdict(on: .success) == .contradiction)
        default: #expect(state.verdict(on: .success) == .apply(.acknowledged))
        }
        for outcome in [ResponseOutcome.success, .failure(nil)] {
            if case .apply(let next) = state.verdict(on: outcome) { #expect(state.canBecome(next)) }
        }
    }
}

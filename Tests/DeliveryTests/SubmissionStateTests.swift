// SPDX-License-Identifier: Apache-2.0
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryDelivery

/// What can happen to a submission, in whatever order.
enum SubmissionEvent: CaseIterable {
    case sent, success, transferFailure, validationFailure, deadline, resend

    /// The state afterwards, by the rules that the services follow.
    func apply(to state: SubmissionState) -> SubmissionState {
        switch self {
        case .success: outcome(.success, state)
        case .transferFailure: outcome(.failure(.transfer), state)
        case .validationFailure: outcome(.failure(.validation), state)
        case .sent: state == .pending ? .sent : state
        case .deadline: state == .sent ? .overdue : state
        case .resend: state.canBecome(.pending) ? .pending : state
        }
    }

    private func outcome(_ outcome: ResponseOutcome, _ state: SubmissionState) -> SubmissionState {
        guard case .apply(let next) = state.verdict(on: outcome) else { return state }
        #expect(state.canBecome(next), "\(state) → \(next) is applied, and not allowed")
        return next
    }
}

@Suite struct SubmissionStateTests {
    @Test("in all 720 orders of six events a success settles, and nothing moves it after")
    func allOrders() {
        var orders = 0
        permutations(of: SubmissionEvent.allCases) { events in
            orders += 1
            #expect(events.reduce(.pending) { $1.apply(to: $0) } == .acknowledged, "\(events)")
        }
        #expect(orders == 720)
    }

    @Test("10,000 random histories end acknowledged exactly when they hold a success")
    func randomHistories() {
        var chance = SeededGenerator.fresh()
        for _ in 0..<10_000 {
            let events = (0..<Int.random(in: 0...20, using: &chance)).map { _ in
                chance.pick(SubmissionEvent.allCases)
            }
            let final = events.reduce(SubmissionState.pending) { $1.apply(to: $0) }
            let hasSuccess = events.contains(.success)
            #expect((final == .acknowledged) == hasSuccess, "seed \(chance.seed): \(events) end \(final)")
        }
    }

    @Test("a superseded or cancelled submission is never reopened by an answer", arguments: [SubmissionState.superseded, .cancelled])
    func ended(state: SubmissionState) {
        for event in SubmissionEvent.allCases { #expect(event.apply(to: state) == state) }
        #expect(state.verdict(on: .success) == .contradiction)
    }
}

/// Calls the body with each order of the elements (Heap's algorithm).
func permutations<Element>(of elements: [Element], _ body: ([Element]) throws -> Void) rethrows {
    var elements = elements
    func permute(_ count: Int) throws {
        guard count > 1 else { return try body(elements) }
        for index in 0..<count {
            try permute(count - 1)
            elements.swapAt(count.isMultiple(of: 2) ? index : 0, count - 1)
        }
    }
    try permute(elements.count)
}

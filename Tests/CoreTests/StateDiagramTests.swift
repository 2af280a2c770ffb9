// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCore
import Testing

/// The drawings in docs/state-machines.md are what the code allows: neither has an arrow or a state that the other lacks.
@Suite("State diagrams") struct StateDiagramTests {
    @Test("an arrival's drawing is its code") func arrival() throws { try compare(ArrivalState.self, "Arrival") }
    @Test("a granule's drawing is its code") func granule() throws { try compare(GranuleState.self, "Granule") }
    @Test("a job's drawing is its code") func job() throws { try compare(JobState.self, "Job") }
    @Test("a submission's drawing is its code") func submission() throws {
        try compare(SubmissionState.self, "Submission")
    }
    @Test("a piece of work's drawing is its code") func work() throws { try compare(WorkState.self, "Work") }

    private func compare<State: LifeState>(_: State.Type, _ heading: String) throws {
        let section = try Section(heading)
        let allowed = State.allCases.flatMap { state in state.next.map { "\(state.rawValue) → \($0.rawValue)" } }
        #expect(section.arrows.symmetricDifference(allowed) == [])
        #expect(section.explained == State.allCases.map(\.rawValue), "one line for each state, in the code's order")
    }
}

/// The part of the page under one heading.
private struct Section {
    private let lines: [Substring]

    init(_ heading: String) throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appending(path: "docs/state-machines.md")
        let all = try String(contentsOf: page, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(all.firstIndex { $0 == "## \(heading)" }, "no heading \(heading)")
        lines = Array(all[(start + 1)...].prefix { !$0.hasPrefix("## ") })
    }

    /// `a → b` for each arrow of the drawing, without where life begins.
    var arrows: Set<String> {
        let drawn = lines.compactMap { line -> String? in
            let ends = line.prefix { $0 != ":" }.components(separatedBy: "-->").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            return ends.count == 2 && !ends.contains("[*]") ? "\(ends[0]) → \(ends[1])" : nil
        }
        return Set(drawn)
    }

    /// The states that have a row in the section's table.
    var explained: [String] {
        lines.filter { $0.hasPrefix("| `") }.map { String($0.dropFirst(3).prefix { $0 != "`" }) }
    }
}

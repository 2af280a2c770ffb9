// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension CatalogRule {
    /// No stuck work: what runs has a lease, and everything that must still happen has work that will do it.
    static let work: [CatalogRule] =
        [
            CatalogRule(
                "work.lease", "All running work has a holder and a lease that can run out.", subject: "work",
                broken: """
                    SELECT id, kind FROM work WHERE state = 'running' AND (lease_owner IS NULL OR lease_until IS NULL)
                    """,
                remedy: "Restart the service: it frees all work of the dead."
            ) { "Running work \(try $0.int64("id")) (\(try $0.text("kind"))) has no lease and would run for ever." }
        ] + WorkKind.allCases.map(subjectOfWork)

    private static func subjectOfWork(_ kind: WorkKind) -> CatalogRule {
        CatalogRule(
            "work.\(kind.rawValue)", "All work of kind \(kind.rawValue) has a row of \(kind.table) to do it to.",
            subject: "work",
            broken: """
                SELECT w.id, w.subject_id FROM work w WHERE w.kind = '\(kind.rawValue)'
                    AND NOT EXISTS (SELECT 1 FROM \(kind.table) t WHERE t.id = w.subject_id)
                """,
            remedy: "Rows are never removed: restore the catalog from a backup."
        ) {
            """
            Work \(try $0.int64("id")) is to be done to \(kind.table) \(try $0.int64("subject_id")), which is \
            not there.
            """
        }
    }
}

extension WorkKind {
    /// The table whose rows the work is done to.
    public var table: String {
        switch self {
        case .runJob: "job"
        case .sendSubmission: "submission"
        case .takeNotification, .applyResponse: "message_in"
        case .sendAnswer: "answer"
        }
    }
}

/// SQL that is true when the row `id` has work of that kind that will still be done, or that was given up and waits for
/// an operator when `orParked`.
func hasWork(_ kinds: [WorkKind], for id: String, orParked: Bool) -> String {
    let states = WorkState.claimable.union(orParked ? [.running, .discarded] : [.running])
    return """
        EXISTS (SELECT 1 FROM work w WHERE w.subject_id = \(id) AND w.kind IN (\(list(kinds.map(\.rawValue))))
            AND w.state IN (\(list(states.map(\.rawValue).sorted()))))
        """
}

private func list(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ", ") }

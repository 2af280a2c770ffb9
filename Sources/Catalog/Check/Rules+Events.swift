// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension CatalogRule {
    /// No move without its event, no event without its row.
    static let events: [CatalogRule] =
        [chain, allowed] + Subject.allCases.map(stateOfLastEvent) + Subject.allCases.map(rowOfEvent) + [totals]

    private static let remedy =
        "Some program changed rows past the ledger: compare with a backup, then look at the trace."

    private static let chain = CatalogRule(
        "event.chain", "Every event starts from the state in which the one before it ended.", subject: "event",
        broken: """
            SELECT id, subject, subject_id, from_state, previous FROM (
                SELECT id, subject, subject_id, from_state,
                    LAG(to_state) OVER (PARTITION BY subject, subject_id ORDER BY id) AS previous
                FROM event) AS chained
            WHERE COALESCE(from_state, '') <> COALESCE(previous, '')
            """,
        remedy: remedy
    ) { row in
        let (from, previous) = (try row.optionalText("from_state"), try row.optionalText("previous"))
        return """
            The event of \(try row.text("subject")) \(try row.int64("subject_id")) starts from \(from ?? "nothing"); \
            the one before it ended in \(previous ?? "nothing").
            """
    }

    private static let allowed = CatalogRule(
        "event.allowed", "Every event is a move that the states allow, or a note that moves nothing.", subject: "event",
        broken: """
            SELECT id, subject, subject_id, from_state, to_state FROM event
            WHERE (from_state IS NULL
                    AND subject || ' ' || to_state NOT IN (\(quoted(Subject.allCases.flatMap(\.births)))))
                OR (from_state <> to_state AND subject || ' ' || from_state || ' ' || to_state
                    NOT IN (\(quoted(Subject.allCases.flatMap(\.moves)))))
            """,
        remedy: remedy
    ) { row in
        """
        \(try row.text("subject")) \(try row.int64("subject_id")) went from \
        \(try row.optionalText("from_state") ?? "nothing") to \(try row.text("to_state")), which is not allowed.
        """
    }

    private static func stateOfLastEvent(_ subject: Subject) -> CatalogRule {
        CatalogRule(
            "\(subject.rawValue).event", "The last event of every \(subject.rawValue) ends in the state of its row.",
            subject: subject.rawValue,
            broken: """
                SELECT id, state, said FROM (
                    SELECT t.id, t.state, (
                        SELECT e.to_state FROM event e WHERE e.subject = '\(subject.rawValue)' AND e.subject_id = t.id
                        ORDER BY e.id DESC LIMIT 1) AS said
                    FROM \(subject.rawValue) t) AS told
                WHERE COALESCE(said, '') <> state
                """,
            remedy: remedy
        ) { row in
            let said = try row.optionalText("said")
            return """
                \(subject.rawValue) \(try row.int64("id")) is \(try row.text("state")), but its last event says \
                \(said ?? "nothing: it has none").
                """
        }
    }

    private static func rowOfEvent(_ subject: Subject) -> CatalogRule {
        CatalogRule(
            "\(subject.rawValue).kept", "Every \(subject.rawValue) that was ever made is still there.",
            subject: "event",
            broken: """
                SELECT e.id, e.subject_id FROM event e
                WHERE e.subject = '\(subject.rawValue)' AND e.from_state IS NULL
                    AND NOT EXISTS (SELECT 1 FROM \(subject.rawValue) t WHERE t.id = e.subject_id)
                """,
            remedy: "Rows are never removed: restore the catalog from a backup."
        ) { "The row of \(subject.rawValue) \(try $0.int64("subject_id")) is gone; its events are there." }
    }

    private static let totals = CatalogRule(
        "arrival.total", "As many arrivals were observed as there are in all states together.", subject: "ledger",
        broken: """
            SELECT CAST(1 AS BIGINT) AS id, observed, kept FROM (
                SELECT (SELECT COUNT(*) FROM event WHERE subject = 'arrival' AND from_state IS NULL) AS observed,
                    (SELECT COUNT(*) FROM arrival) AS kept) AS totals
            WHERE observed <> kept
            """,
        remedy: remedy
    ) { "\(try $0.int64("observed")) arrivals were observed; \(try $0.int64("kept")) are in the ledger." }
}

private func quoted(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ", ") }

extension Subject {
    /// `subject state` for every state that a row may begin in: any, since rows are made where their story begins.
    fileprivate var births: [String] { states.map { "\(rawValue) \($0.name)" } }

    /// `subject from to` for every move that is allowed.
    fileprivate var moves: [String] { states.flatMap { state in state.next.map { "\(rawValue) \(state.name) \($0)" } } }

    private var states: [(name: String, next: [String])] {
        switch self {
        case .arrival: words(of: ArrivalState.self)
        case .granule: words(of: GranuleState.self)
        case .work: words(of: WorkState.self)
        case .job: words(of: JobState.self)
        case .submission: words(of: SubmissionState.self)
        }
    }

    private func words<State: LifeState>(of _: State.Type) -> [(name: String, next: [String])] {
        State.allCases.map { ($0.rawValue, $0.next.map(\.rawValue).sorted()) }
    }
}

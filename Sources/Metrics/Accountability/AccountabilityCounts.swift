// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// The questions of an accountability report, by one clock. Wholes and parts are asked for separately.
struct AccountabilityCounts: Sendable {
    let clock: Milestone

    var all: [Count] { promises + arrivals + granules + submissions(by: clock) }

    /// Promises have one time of their own, whichever clock the report runs by.
    private var promises: [Count] {
        // A path that two manifests promise, or one with two checksums, is one file.
        let promise = Count(
            from: "promise p", clock: "p.promised_at", sum: "p.size",
            condition: """
                NOT EXISTS (SELECT 1 FROM promise q WHERE q.source = p.source AND q.path = p.path AND q.id < p.id)
                """,
            word: "'promised'", measures: ["promised": .promised], source: "p.source", collection: nil)
        var kept = promise
        kept.word = """
            CASE WHEN EXISTS (SELECT 1 FROM arrival a WHERE a.source = p.source AND a.path = p.path)
            THEN 'seen' ELSE 'missing' END
            """
        kept.measures = ["seen": .promisedSeen, "missing": .missingFiles]
        return [promise, kept]
    }

    private var arrivals: [Count] {
        let arrival = Count(
            from: "arrival a", joinGranule: "LEFT JOIN granule g ON g.id = a.granule_id", clock: clock.arrivalColumn,
            sum: "a.size", word: "'observed'", measures: ["observed": .observed], source: "a.source",
            // Recognised by its name before its granule is there.
            collection: ["COALESCE(g.collection, a.collection)", "COALESCE(g.version, a.version)"])
        var states = arrival
        states.word = "a.state"
        states.measures = measures(Measure.files)
        var files = arrival
        files.join = "JOIN file f ON f.arrival_id = a.id"
        files.sum = "f.size"
        files.word = "'kept'"
        files.measures = ["kept": .kept]
        return [arrival, states, files]
    }

    private var granules: [Count] {
        let granule = Count(
            from: "granule g", clock: clock.ledgerColumn,
            sum: "(SELECT COALESCE(SUM(f.size), 0) FROM file f WHERE f.granule_id = g.id)",
            word: "'granule'", measures: ["granule": .granules])
        var states = granule
        states.word = "g.state"
        states.measures = measures(Measure.granules)
        var produced = granule
        produced.condition = "g.job_id IS NOT NULL AND g.archived_at IS NOT NULL"
        produced.measures = ["granule": .produced]
        var lacking = granule
        lacking.condition = "g.state IN ('waiting', 'incomplete') AND g.missing <> '[]'"
        lacking.measures = ["granule": .missingGranules]
        return [granule, states, produced, lacking]
    }
}

/// The submissions and their states, by any clock of granules or submissions.
func submissions(by clock: Milestone) -> [Count] {
    let submission = Count(
        from: "submission s", joinGranule: "JOIN granule g ON g.id = s.granule_id", clock: clock.ledgerColumn,
        sum: "s.attempts", word: "'submission'", measures: ["submission": .submissions], destination: "s.destination")
    var states = submission
    states.word = "s.state"
    states.measures = measures(Measure.submissions)
    return [submission, states]
}

/// The measure of each state, by the state's word.
func measures<State: CaseIterable & RawRepresentable<String>>(_ measure: (State) -> Measure) -> [String: Measure] {
    Dictionary(uniqueKeysWithValues: State.allCases.map { ($0.rawValue, measure($0)) })
}

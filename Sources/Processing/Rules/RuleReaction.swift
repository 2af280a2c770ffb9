// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore

/// Lets rules fire when a granule has been archived: jobs and their work are made in the transaction that archives.
///
/// A rule fires once for each (rule, version, granule) for ever, and never on a granule that descends from its own work.
public struct RuleReaction: ArchivalReaction {
    private let rules: [(rule: Rule, process: Process)]
    private let steady: SteadyTime

    /// Throws `configuration.invalid` when a rule is faulty, named twice, or starts a process that is not defined: found
    /// here, because a rule that cannot fire must not keep granules out of the archive.
    public init(rules: [Rule], processes: ProcessRegister, steady: SteadyTime) throws {
        var faults = rules.flatMap { $0.validate() }
        var names: Set<String> = []
        for rule in rules {
            if !names.insert(rule.name).inserted { faults.append("Rule \(rule.name) is defined twice.") }
            if let fault = filterFault(rule) { faults.append(fault) }
            if processes[rule.process] == nil {
                faults.append("Rule \(rule.name) starts process \(rule.process), which is not defined.")
            }
        }
        guard faults.isEmpty else { throw invalid(faults) }
        self.rules = rules.filter(\.enabled).compactMap { rule in processes[rule.process].map { (rule, $0) } }
        self.steady = steady
    }

    public func granuleArchived(
        _ granule: GranuleRecord, files: [FileRecord], in session: any SQLSession, at moment: Timestamp
    ) throws {
        for (rule, process) in rules where rule.event == .granuleArchived {
            let firing = Firing(rule: rule, process: process, granule: granule, moment: moment, dueAt: steady.now())
            switch matches(rule, granule, files) {
            case .success(true): try session.fire(firing)
            case .success(false): break
            case .failure(let error): try session.explain(firing, "rule could not be evaluated", error.message)
            }
        }
    }
}

/// One rule that meets one granule.
private struct Firing {
    var rule: Rule
    var process: Process
    var granule: GranuleRecord
    var moment: Timestamp
    var dueAt: Timestamp

    var inputKey: String { granule.identity.description }
    var actor: String { "rule/\(rule.name)" }
}

extension SQLSession {
    fileprivate func fire(_ firing: Firing) throws {
        guard try !hasFired(firing) else { return }
        guard try !descends(firing.granule, from: firing.rule) else {
            return try explain(firing, "rule not fired", "The granule descends from this rule's own work.")
        }
        let job = try createJob(
            JobRequest(
                process: firing.process, rule: firing.rule.name, inputs: [firing.granule.id],
                parameters: firing.rule.parameters, priority: firing.rule.priority,
                processingType: firing.granule.processingType),
            at: firing.moment, dueAt: firing.dueAt, because: Cause("rule fired", by: firing.actor))
        try execute(
            "INSERT INTO rule_firing (rule, rule_version, input_key, job_id, fired_at) VALUES (?, ?, ?, ?, ?)",
            [firing.rule.name, firing.rule.version, firing.inputKey, job, firing.moment])
    }

    private func hasFired(_ firing: Firing) throws -> Bool {
        try count(
            "SELECT COUNT(*) AS n FROM rule_firing WHERE rule = ? AND rule_version = ? AND input_key = ?",
            [firing.rule.name, firing.rule.version, firing.inputKey]) > 0
    }

    /// Follows the jobs that made the granule, the jobs that made their inputs, and so on; `UNION` ends it.
    private func descends(_ granule: GranuleRecord, from rule: Rule) throws -> Bool {
        guard let maker = granule.jobID else { return false }
        return try count(
            """
            WITH RECURSIVE maker (job_id) AS (
                SELECT id FROM job WHERE id = ?
                UNION
                SELECT g.job_id FROM maker m JOIN job_input i ON i.job_id = m.job_id JOIN granule g ON g.id = i.granule_id
                WHERE g.job_id IS NOT NULL)
            SELECT COUNT(*) AS n FROM maker m JOIN job j ON j.id = m.job_id WHERE j.rule = ?
            """,
            [maker, rule.name]) > 0
    }

    /// Says on the granule why a rule did not do what its author may expect.
    fileprivate func explain(_ firing: Firing, _ what: String, _ detail: String) throws {
        try note(
            .granule, firing.granule.id, state: firing.granule.state.rawValue, at: firing.moment,
            because: Cause(what, by: firing.actor, detail: detail))
    }
}

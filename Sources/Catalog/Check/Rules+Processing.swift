// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension CatalogRule {
    /// Jobs and their work end together; what a rule fired on is an input of its job.
    static let processing: [CatalogRule] = [
        CatalogRule(
            "job.work", "Every job that has not ended has work that will go on with it.", subject: "job",
            broken: """
                SELECT j.id, j.process, j.state FROM job j
                WHERE j.state IN ('accepted', 'staging', 'running', 'publishing')
                    AND NOT \(hasWork([.runJob], for: "j.id", orParked: false))
                """,
            remedy: "Dismiss the job, then run it again."
        ) {
            """
            Job \(try $0.int64("id")) of \(try $0.text("process")) is \(try $0.text("state")), but nothing will \
            go on with it.
            """
        },
        CatalogRule(
            "job.ended", "No work is left for a job that has ended.", subject: "job",
            broken: """
                SELECT j.id, j.process, j.state FROM job j WHERE j.state IN ('successful', 'failed', 'dismissed')
                    AND \(hasWork([.runJob], for: "j.id", orParked: false))
                """,
            remedy: "Report this as a defect with the trace of the job: it may run once more."
        ) {
            """
            Job \(try $0.int64("id")) of \(try $0.text("process")) is \(try $0.text("state")), but work for it \
            is still open.
            """
        },
        CatalogRule(
            "job.times", "Every job that has ended says when, and no other does.", subject: "job",
            broken: """
                SELECT id, process, state FROM job
                WHERE (state IN ('successful', 'failed', 'dismissed')) <> (ended_at IS NOT NULL)
                """,
            remedy: "Latency reports leave it out; report this as a defect with the trace of the job."
        ) {
            """
            Job \(try $0.int64("id")) of \(try $0.text("process")) is \(try $0.text("state")), and its end does \
            not fit that.
            """
        },
        CatalogRule(
            "rule.input", "The job that a rule started has inputs.", subject: "rule_firing",
            broken: """
                SELECT r.id, r.rule, r.job_id, r.input_key FROM rule_firing r
                WHERE NOT EXISTS (SELECT 1 FROM job_input i WHERE i.job_id = r.job_id)
                """,
            remedy: "Report it with the trace of the job's inputs."
        ) {
            """
            Rule \(try $0.text("rule")) fired on \(try $0.text("input_key")), but job \(try $0.int64("job_id")) \
            has no input.
            """
        },
    ]
}

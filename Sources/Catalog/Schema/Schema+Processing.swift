// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension Migration {
    /// What ran: jobs, their attempts and inputs, and which rule fired on what.
    static let processing = Migration(
        name: "processing",
        sql: [
            """
            CREATE TABLE job (
                id {id},
                process TEXT NOT NULL,
                process_version TEXT NOT NULL,
                rule TEXT,
                state TEXT NOT NULL CHECK (state IN (\(words(JobState.self)))),
                processing_type TEXT NOT NULL CHECK (processing_type IN (\(words(ProcessingType.self)))),
                priority BIGINT NOT NULL DEFAULT 0,
                parameters TEXT NOT NULL DEFAULT '{}',
                accepted_at BIGINT NOT NULL,
                started_at BIGINT,
                ended_at BIGINT,
                failure_class TEXT CHECK (failure_class IN (\(words(FailureClass.self)))),
                error TEXT,
                short_error TEXT,
                CHECK ((state = 'failed') = (failure_class IS NOT NULL)))
            """,
            "CREATE INDEX job_by_state ON job (state, process)",
            "CREATE INDEX job_by_accepted ON job (accepted_at)",
            """
            CREATE TABLE job_attempt (
                id {id},
                job_id BIGINT NOT NULL REFERENCES job (id),
                number BIGINT NOT NULL CHECK (number >= 1),
                directory TEXT NOT NULL,
                command TEXT NOT NULL,
                started_at BIGINT NOT NULL,
                ended_at BIGINT,
                exit_code BIGINT,
                failure_class TEXT CHECK (failure_class IN (\(words(FailureClass.self)))),
                error TEXT,
                UNIQUE (job_id, number))
            """,
            """
            CREATE TABLE job_input (
                job_id BIGINT NOT NULL REFERENCES job (id),
                granule_id BIGINT NOT NULL REFERENCES granule (id),
                PRIMARY KEY (job_id, granule_id))
            """,
            "CREATE INDEX job_input_by_granule ON job_input (granule_id)",
            """
            CREATE TABLE rule_firing (
                id {id},
                rule TEXT NOT NULL,
                rule_version TEXT NOT NULL,
                input_key TEXT NOT NULL,
                job_id BIGINT NOT NULL REFERENCES job (id),
                fired_at BIGINT NOT NULL,
                UNIQUE (rule, rule_version, input_key))
            """,
            "CREATE INDEX rule_firing_by_job ON rule_firing (job_id)",
        ])
}

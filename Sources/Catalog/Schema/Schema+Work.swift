// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension Migration {
    /// What must be done: the queue in which the verbs meet.
    static let work = Migration(
        name: "work",
        sql: [
            """
            CREATE TABLE work (
                id {id},
                kind TEXT NOT NULL CHECK (kind IN (\(words(WorkKind.self)))),
                subject_id BIGINT NOT NULL,
                state TEXT NOT NULL CHECK (state IN (\(words(WorkState.self)))),
                priority BIGINT NOT NULL DEFAULT 0,
                attempt BIGINT NOT NULL DEFAULT 0,
                due_at BIGINT NOT NULL,
                token BIGINT NOT NULL DEFAULT 0,
                lease_owner TEXT,
                lease_until BIGINT,
                error TEXT,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                UNIQUE (kind, subject_id),
                CHECK ((state = 'running') = (lease_owner IS NOT NULL)),
                CHECK ((state = 'running') = (lease_until IS NOT NULL)))
            """,
            """
            CREATE INDEX work_to_claim ON work (kind, priority DESC, due_at, id)
            WHERE state IN ('available', 'scheduled', 'retryable')
            """,
            "CREATE INDEX work_leased ON work (lease_until) WHERE state = 'running'",
            "CREATE INDEX work_by_state ON work (state, kind, due_at)",
        ])
}

// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// Who runs and who acted.
    static let operations = Migration(
        name: "operations",
        sql: [
            """
            CREATE TABLE node (
                id {id},
                name TEXT NOT NULL,
                process_id BIGINT NOT NULL,
                started_at BIGINT NOT NULL,
                seen_at BIGINT NOT NULL,
                stopped_at BIGINT)
            """,
            """
            CREATE TABLE operator_action (
                id {id},
                at BIGINT NOT NULL,
                actor TEXT NOT NULL,
                action TEXT NOT NULL,
                subject TEXT NOT NULL,
                reason TEXT NOT NULL,
                outcome TEXT NOT NULL,
                previous_hash TEXT NOT NULL UNIQUE,
                hash TEXT NOT NULL UNIQUE)
            """,
        ],
        appendOnly: ["operator_action"])
}

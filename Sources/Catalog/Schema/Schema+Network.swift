// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// What sources and partners on the network need: stores that vouch for what they hold, how often an answer went out,
    /// positions in streams.
    static let network = Migration(
        name: "network",
        sql: [
            """
            ALTER TABLE arrival ADD COLUMN is_vouched BIGINT NOT NULL DEFAULT 0 CHECK (is_vouched IN (0, 1))
            """,
            "ALTER TABLE answer ADD COLUMN sends BIGINT NOT NULL DEFAULT 0 CHECK (sends >= 0)",
            """
            CREATE TABLE checkpoint (
                name TEXT PRIMARY KEY,
                position TEXT NOT NULL,
                saved_at BIGINT NOT NULL)
            """,
        ])
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension Migration {
    /// What was announced and answered: the outbox of submissions, the inbox of messages, responses, and the answers we
    /// owe.
    static let delivery = Migration(
        name: "delivery",
        sql: [
            """
            CREATE TABLE submission (
                id {id},
                granule_id BIGINT NOT NULL REFERENCES granule (id),
                destination TEXT NOT NULL,
                identifier TEXT NOT NULL UNIQUE,
                state TEXT NOT NULL CHECK (state IN (\(words(SubmissionState.self)))),
                body {bytes} NOT NULL,
                attempts BIGINT NOT NULL DEFAULT 0,
                created_at BIGINT NOT NULL,
                sent_at BIGINT,
                due_at BIGINT,
                partner_received_at BIGINT,
                partner_completed_at BIGINT,
                responded_at BIGINT,
                reconciled_at BIGINT,
                error_code TEXT,
                error TEXT,
                catalog_id TEXT,
                catalog_url TEXT,
                UNIQUE (granule_id, destination),
                CHECK (state <> 'acknowledged' OR reconciled_at IS NOT NULL),
                CHECK (state <> 'sent' OR (sent_at IS NOT NULL AND due_at IS NOT NULL)))
            """,
            "CREATE INDEX submission_by_state ON submission (state, destination)",
            "CREATE INDEX submission_by_due ON submission (state, due_at)",
            "CREATE INDEX submission_by_created ON submission (created_at)",
            """
            CREATE TABLE submission_attempt (
                id {id},
                submission_id BIGINT NOT NULL REFERENCES submission (id),
                number BIGINT NOT NULL CHECK (number >= 1),
                at BIGINT NOT NULL,
                broker_id TEXT,
                error TEXT,
                UNIQUE (submission_id, number))
            """,
            """
            CREATE TABLE message_in (
                id {id},
                source TEXT NOT NULL,
                message_key TEXT NOT NULL,
                digest TEXT NOT NULL,
                body {bytes} NOT NULL,
                received_at BIGINT NOT NULL,
                sent_at BIGINT,
                UNIQUE (source, message_key, digest))
            """,
            "CREATE INDEX message_in_by_digest ON message_in (digest)",
            """
            CREATE TABLE response (
                id {id},
                message_in_id BIGINT NOT NULL UNIQUE REFERENCES message_in (id),
                submission_id BIGINT REFERENCES submission (id),
                identifier TEXT,
                status TEXT CHECK (status IN ('SUCCESS', 'FAILURE')),
                error_code TEXT,
                error TEXT,
                verdict TEXT NOT NULL
                    CHECK (verdict IN ('applied', 'duplicate', 'contradiction', 'unmatched', 'unreadable')),
                deviations TEXT NOT NULL DEFAULT '[]',
                findings TEXT NOT NULL DEFAULT '[]',
                handled_at BIGINT NOT NULL,
                CHECK ((verdict IN ('unmatched', 'unreadable')) = (submission_id IS NULL)))
            """,
            "CREATE INDEX response_by_submission ON response (submission_id)",
            "CREATE INDEX response_by_identifier ON response (identifier)",
            """
            CREATE TABLE answer (
                id {id},
                message_in_id BIGINT NOT NULL UNIQUE REFERENCES message_in (id),
                granule_id BIGINT REFERENCES granule (id),
                watcher TEXT NOT NULL,
                identifier TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('pending', 'sent')),
                status TEXT NOT NULL CHECK (status IN ('SUCCESS', 'FAILURE')),
                error_code TEXT,
                error TEXT,
                body {bytes} NOT NULL,
                created_at BIGINT NOT NULL,
                sent_at BIGINT,
                CHECK ((state = 'sent') = (sent_at IS NOT NULL)))
            """,
        ])
}

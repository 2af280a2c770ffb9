// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension Migration {
    /// What came in: granules, their files, every arrival, what manifests promised, and the event log of all rows.
    static let ingest = Migration(
        name: "ingest",
        sql: [
            """
            CREATE TABLE granule (
                id {id},
                collection TEXT NOT NULL,
                version TEXT NOT NULL,
                name TEXT NOT NULL,
                revision BIGINT NOT NULL DEFAULT 1 CHECK (revision >= 1),
                state TEXT NOT NULL CHECK (state IN (\(words(GranuleState.self)))),
                provider TEXT NOT NULL,
                processing_type TEXT NOT NULL CHECK (processing_type IN (\(words(ProcessingType.self)))),
                readiness TEXT NOT NULL CHECK (readiness IN (\(words(Readiness.self)))),
                verification TEXT CHECK (verification IN (\(words(Verification.self)))),
                job_id BIGINT,
                sensed_start BIGINT,
                sensed_end BIGINT,
                west DOUBLE PRECISION, south DOUBLE PRECISION, east DOUBLE PRECISION, north DOUBLE PRECISION,
                metadata TEXT NOT NULL DEFAULT '{}',
                missing TEXT NOT NULL DEFAULT '[]',
                deadline_at BIGINT,
                available_at BIGINT,
                observed_at BIGINT NOT NULL,
                settled_at BIGINT,
                verified_at BIGINT,
                archived_at BIGINT,
                reason_code TEXT,
                reason TEXT,
                CHECK (sensed_start <= sensed_end),
                CHECK ((state IN ('archived', 'superseded')) = (archived_at IS NOT NULL)),
                CHECK (archived_at IS NULL OR verification IS NOT NULL))
            """,
            // What was refused does not use up a revision: the next of that name takes its number.
            """
            CREATE UNIQUE INDEX granule_revision ON granule (collection, version, name, revision)
            WHERE state <> 'rejected'
            """,
            "CREATE INDEX granule_by_state ON granule (state, collection, version)",
            "CREATE INDEX granule_by_name ON granule (name)",
            "CREATE INDEX granule_by_archived ON granule (archived_at)",
            "CREATE INDEX granule_by_observed ON granule (observed_at)",
            "CREATE INDEX granule_by_job ON granule (job_id)",
            """
            CREATE TABLE arrival (
                id {id},
                source TEXT NOT NULL,
                path {bytes} NOT NULL,
                generation TEXT NOT NULL,
                size BIGINT NOT NULL CHECK (size >= 0),
                state TEXT NOT NULL CHECK (state IN (\(words(ArrivalState.self)))),
                collection TEXT,
                version TEXT,
                granule TEXT,
                granule_id BIGINT REFERENCES granule (id),
                file_name {bytes},
                file_type TEXT CHECK (file_type IN (\(words(FileType.self)))),
                readiness TEXT CHECK (readiness IN (\(words(Readiness.self)))),
                available_at BIGINT NOT NULL,
                observed_at BIGINT NOT NULL,
                looks BIGINT NOT NULL DEFAULT 1,
                looked_at BIGINT NOT NULL,
                settled_at BIGINT,
                ended_at BIGINT,
                reason_code TEXT,
                reason TEXT,
                remedy TEXT,
                accepted_by TEXT,
                UNIQUE (source, path, generation),
                CHECK ((state IN ('observed', 'settling', 'waiting', 'verifying')) = (ended_at IS NULL)),
                CHECK (state NOT IN ('quarantined', 'rejected', 'ignored', 'vanished') OR reason_code IS NOT NULL))
            """,
            """
            CREATE INDEX arrival_open_by_granule ON arrival (source, collection, version, granule, id)
            WHERE ended_at IS NULL
            """,
            "CREATE INDEX arrival_open ON arrival (source, id) WHERE ended_at IS NULL",
            "CREATE INDEX arrival_by_state ON arrival (state, source, id)",
            "CREATE INDEX arrival_by_granule ON arrival (granule_id)",
            "CREATE INDEX arrival_by_observed ON arrival (observed_at)",
            """
            CREATE TABLE file (
                id {id},
                granule_id BIGINT NOT NULL REFERENCES granule (id),
                arrival_id BIGINT REFERENCES arrival (id),
                name {bytes} NOT NULL,
                type TEXT NOT NULL CHECK (type IN (\(words(FileType.self)))),
                size BIGINT NOT NULL CHECK (size >= 0),
                archive_path {bytes} NOT NULL UNIQUE,
                sha256 TEXT NOT NULL,
                provided_checksum TEXT,
                verification TEXT NOT NULL CHECK (verification IN (\(words(Verification.self)))),
                UNIQUE (granule_id, name),
                CHECK ((verification = 'provider') = (provided_checksum IS NOT NULL)))
            """,
            "CREATE INDEX file_by_arrival ON file (arrival_id)",
            """
            CREATE TABLE promise (
                id {id},
                source TEXT NOT NULL,
                path {bytes} NOT NULL,
                checksum TEXT NOT NULL,
                manifest {bytes} NOT NULL,
                promised_at BIGINT NOT NULL,
                UNIQUE (source, path, checksum, manifest))
            """,
            "CREATE INDEX promise_by_manifest ON promise (source, manifest)",
            """
            CREATE TABLE event (
                id {id},
                at BIGINT NOT NULL,
                subject TEXT NOT NULL,
                subject_id BIGINT NOT NULL,
                from_state TEXT,
                to_state TEXT NOT NULL,
                cause TEXT NOT NULL,
                actor TEXT NOT NULL,
                detail TEXT)
            """,
            "CREATE INDEX event_by_subject ON event (subject, subject_id, id)",
        ],
        appendOnly: ["event"])
}

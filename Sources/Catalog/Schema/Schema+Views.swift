// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// The public interface for those who open the file themselves. Columns are only ever added.
    static let views = Migration(
        name: "views",
        sql: [
            """
            CREATE VIEW v_granule AS
            SELECT g.id, g.collection, g.version, g.name, g.revision, g.state, g.provider, g.processing_type,
                g.readiness, g.verification, g.sensed_start, g.sensed_end, g.observed_at, g.settled_at, g.verified_at,
                g.archived_at,
                g.reason_code, g.reason,
                (SELECT COUNT(*) FROM file f WHERE f.granule_id = g.id) AS files,
                (SELECT COALESCE(SUM(f.size), 0) FROM file f WHERE f.granule_id = g.id) AS bytes
            FROM granule g
            """,
            """
            CREATE VIEW v_ledger AS
            SELECT source, state, COUNT(*) AS arrivals, SUM(size) AS bytes, MIN(observed_at) AS oldest_observed_at
            FROM arrival GROUP BY source, state
            """,
            """
            CREATE VIEW v_delivery AS
            SELECT s.id, s.destination, s.identifier, s.state, s.attempts, g.collection, g.version, g.name, g.revision,
                s.created_at, s.sent_at, s.due_at, s.responded_at, s.reconciled_at, s.error_code, s.error, s.catalog_id
            FROM submission s JOIN granule g ON g.id = s.granule_id
            """,
            """
            CREATE VIEW v_latency AS
            SELECT g.id AS granule_id, g.collection, g.version, g.name, g.revision, s.destination,
                g.sensed_end AS sensed_at, g.available_at, g.observed_at, g.settled_at, g.verified_at, g.archived_at,
                j.accepted_at AS job_accepted_at, j.started_at AS job_started_at, j.ended_at AS job_ended_at,
                s.created_at AS submitted_at, s.sent_at AS broker_acked_at, s.partner_received_at,
                s.partner_completed_at, s.responded_at AS response_received_at, s.reconciled_at
            FROM granule g
            LEFT JOIN submission s ON s.granule_id = g.id
            LEFT JOIN job j ON j.id = g.job_id
            """,
        ])
}

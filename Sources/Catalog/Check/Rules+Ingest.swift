// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension CatalogRule {
    /// Whole or absent: granules, their files and the arrivals that they came from.
    static let ingest: [CatalogRule] = [
        CatalogRule(
            "granule.files", "Every archived granule has files.", subject: "granule",
            broken: """
                SELECT g.id, g.name FROM granule g WHERE g.state IN ('archived', 'superseded')
                    AND NOT EXISTS (SELECT 1 FROM file f WHERE f.granule_id = g.id)
                """,
            remedy: "Look at its trace; take its files in again under a new revision."
        ) { "Granule \(try $0.text("name")) is archived without a single file." },
        CatalogRule(
            "granule.milestones", "Every archived granule has all milestones up to its archiving.", subject: "granule",
            broken: """
                SELECT id, name FROM granule WHERE state IN ('archived', 'superseded')
                    AND (available_at IS NULL OR settled_at IS NULL OR verified_at IS NULL OR archived_at IS NULL)
                """,
            remedy: "Latency reports leave it out; report this as a defect with the trace of the granule."
        ) {
            "Granule \(try $0.text("name")) is archived, but one of available, settled, verified, archived is missing."
        },
        CatalogRule(
            "granule.job", "The job that a granule names as its maker exists.", subject: "granule",
            broken: """
                SELECT g.id, g.name, g.job_id FROM granule g WHERE g.job_id IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM job j WHERE j.id = g.job_id)
                """,
            remedy: "Its lineage is lost; restore the job's row from a backup."
        ) { "Granule \(try $0.text("name")) says that job \(try $0.int64("job_id")) made it, which is not there." },
        CatalogRule(
            "granule.open", "No arrival is open whose granule has come to its end.", subject: "arrival",
            broken: """
                SELECT a.id, a.state, g.name, g.state AS granule_state
                FROM arrival a JOIN granule g ON g.id = a.granule_id
                WHERE a.state IN ('observed', 'settling', 'waiting', 'verifying')
                    AND g.state IN ('archived', 'superseded', 'rejected')
                """,
            remedy: "Nothing will move it any more: release or reject it by hand."
        ) {
            """
            An arrival of granule \(try $0.text("name")), which is \(try $0.text("granule_state")), is still \
            \(try $0.text("state")).
            """
        },
        CatalogRule(
            "arrival.file", "Every archived arrival became exactly one file of its granule.", subject: "arrival",
            broken: """
                SELECT id, files FROM (
                    SELECT a.id, (
                        SELECT COUNT(*) FROM file f WHERE f.arrival_id = a.id AND f.granule_id = a.granule_id) AS files
                    FROM arrival a WHERE a.state = 'archived') AS counted
                WHERE files <> 1
                """,
            remedy: "Look at the trace of its granule, and at what lies in the archive."
        ) { "The archived arrival \(try $0.int64("id")) became \(try $0.int64("files")) files of its granule." },
        CatalogRule(
            "file.arrival", "The arrival that a file came from is archived.", subject: "file",
            broken: """
                SELECT f.id, a.id AS arrival_id, a.state FROM file f JOIN arrival a ON a.id = f.arrival_id
                WHERE a.state <> 'archived'
                """,
            remedy: "Look at the trace of its granule."
        ) {
            """
            File \(try $0.int64("id")) came from arrival \(try $0.int64("arrival_id")), which is \
            \(try $0.text("state")).
            """
        },
        CatalogRule(
            "file.granule", "Only granules that are archived have files.", subject: "file",
            broken: """
                SELECT f.id, g.name, g.state FROM file f JOIN granule g ON g.id = f.granule_id
                WHERE g.state NOT IN ('archived', 'superseded')
                """,
            remedy: "Look at the trace of the granule."
        ) { "File \(try $0.int64("id")) belongs to granule \(try $0.text("name")), which is \(try $0.text("state"))." },
    ]
}

// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// Indexes hold only the rows that are looked for by them. Most granules come from no job, and every arrival is inserted
    /// without a granule: each of them paid for entries under NULL.
    static let indexes = Migration(
        name: "indexes",
        sql: [
            "DROP INDEX granule_by_job",
            "CREATE INDEX granule_by_job ON granule (job_id) WHERE job_id IS NOT NULL",
            "DROP INDEX arrival_by_granule",
            "CREATE INDEX arrival_by_granule ON arrival (granule_id) WHERE granule_id IS NOT NULL",
        ])
}

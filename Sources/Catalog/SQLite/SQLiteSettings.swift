// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import GranaryCore

/// The settings on which every promise rests, applied after the pool is open and read back.
///
/// GRDB's pool sets `synchronous = NORMAL` by itself when it opens; with that, committed rows were lost in 4 of 12
/// power cuts. A catalog that does not confirm its settings is not used.
enum SQLiteSettings {
    static let required: [(pragma: String, value: String)] = [
        ("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"),
    ]

    static func applyAndProve(_ database: GRDB.Database) throws {
        try database.execute(sql: "PRAGMA synchronous = FULL")
        // Fewer, larger checkpoints (pages of 4 KiB) keep them off the path of small files.
        try database.execute(sql: "PRAGMA wal_autocheckpoint = 16000")
        // Savepoints keep the old pages aside; in a file of their own that was a million small writes for 20,000 arrivals.
        try database.execute(sql: "PRAGMA temp_store = MEMORY")
        // A batch touches thousands of pages of its indexes; a cache that is too small writes each of them to the log again
        // and again before the commit. In KiB, as the minus says.
        try database.execute(sql: "PRAGMA cache_size = -49152")
        try prove(database)
    }

    static func prove(_ database: GRDB.Database) throws {
        for (pragma, value) in required { try prove(database, pragma, value) }
    }

    private static func prove(_ database: GRDB.Database, _ pragma: String, _ value: String) throws {
        let found = try String.fetchOne(database, sql: "PRAGMA \(pragma)") ?? "nothing"
        guard found == value else {
            throw GranaryError(
                .catalogRefused,
                "SQLite reports \(pragma) = \(found) where \(value) is needed to keep what was acknowledged.",
                subject: pragma,
                remedy: "Put the catalog on a local file system that supports SQLite's write-ahead log.")
        }
    }
}

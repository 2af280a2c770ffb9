// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import GranaryCore

/// Brings a catalog to the current schema, one migration after the other, each whole or not at all.
struct Migrator {
    static let sqlite = Migrator(migrations: Migration.all, dialect: .sqlite)

    let migrations: [Migration]
    let dialect: Dialect

    func migrate(_ writer: some DatabaseWriter) throws {
        try writer.write { database in
            try database.execute(
                sql: "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, name TEXT NOT NULL)")
            let version = try version(of: database)
            try refuseNewer(version)
            for (number, migration) in migrations.enumerated().dropFirst(version) {
                for statement in migration.statements(dialect) { try database.execute(sql: statement) }
                try database.execute(
                    sql: "INSERT INTO schema_version (version, name) VALUES (?, ?)",
                    arguments: [number + 1, migration.name])
            }
        }
    }

    /// A reader cannot migrate, so it refuses a catalog of any other version.
    func requireCurrent(_ database: GRDB.Database) throws {
        let version = try version(of: database)
        try refuseNewer(version)
        guard version == migrations.count else {
            throw GranaryError(
                .catalogRefused, "The catalog has schema version \(version); this program needs \(migrations.count).",
                remedy: "Start the service, or any command that changes something, once: it migrates the catalog.")
        }
    }

    private func version(of database: GRDB.Database) throws -> Int {
        guard try database.tableExists("schema_version") else { return 0 }
        return try Int.fetchOne(database, sql: "SELECT MAX(version) FROM schema_version") ?? 0
    }

    private func refuseNewer(_ version: Int) throws {
        guard version <= migrations.count else {
            throw GranaryError(
                .catalogRefused,
                "The catalog has schema version \(version); this program knows versions up to \(migrations.count).",
                remedy: "Use the newer Granary that wrote it.")
        }
    }
}

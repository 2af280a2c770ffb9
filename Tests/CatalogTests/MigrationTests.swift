// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryCatalog

@Suite("Migrations")
struct MigrationTests {
    @Test("opening twice migrates once")
    func twice() async throws {
        let temporary = try TemporaryCatalog()
        let again = try await temporary.reopened()
        let versions = try await again.read {
            try $0.query("SELECT version FROM schema_version").map { try $0.int("version") }
        }
        #expect(versions == Array(1...Migration.all.count))
    }

    @Test("a catalog of a newer schema is refused by owner and reader, and left as it is")
    func newer() async throws {
        let temporary = try TemporaryCatalog()
        _ = try await temporary.catalog.write {
            try $0.execute("INSERT INTO schema_version (version, name) VALUES (99, 'later')")
        }
        try await temporary.catalog.database.close()
        for open in [{ try Catalog.open(at: temporary.path) }, { try Catalog.openForReading(at: temporary.path) }] {
            let error = #expect(throws: GranaryError.self) { _ = try open() }
            #expect(error?.code == .catalogRefused)
        }
    }

    @Test("a reader refuses a catalog that still has to be migrated")
    func older() throws {
        let directory = try TemporaryDirectory()
        let queue = try DatabaseQueue(path: directory.file("catalog.sqlite"))
        try Migrator(migrations: [.ingest], dialect: .sqlite).migrate(queue)
        try queue.close()
        let error = #expect(throws: GranaryError.self) { try SQLiteReader(path: directory.file("catalog.sqlite")) }
        #expect(error?.code == .catalogRefused)
    }

    @Test("a migration that fails leaves nothing of itself")
    func half() throws {
        let queue = try DatabaseQueue()
        let bad = Migration(name: "bad", sql: ["CREATE TABLE fine (id {id})", "CREATE TABLE broken ("])
        #expect(throws: DatabaseError.self) {
            try Migrator(migrations: [.ingest, bad], dialect: .sqlite).migrate(queue)
        }
        #expect(try queue.read { try $0.tableExists("granule") || $0.tableExists("fine") } == false)
    }

    @Test(
        "a lookup by granule or job finds the index that holds no NULL",
        arguments: [("arrival", "granule_id"), ("granule", "job_id")])
    func partialIndex(table: String, column: String) async throws {
        let temporary = try TemporaryCatalog()
        let plan = try await temporary.catalog.read { session in
            try session.query("EXPLAIN QUERY PLAN SELECT * FROM \(table) WHERE \(column) = ? ORDER BY id", [1])
        }
        #expect(
            try plan.map { try $0.text("detail") } == [
                "SEARCH \(table) USING INDEX \(table)_by_\(column.dropLast(3)) (\(column)=?)"
            ])
    }

    /// `schemas/catalog.sql` is written anew when `GRANARY_WRITE_SCHEMA` is set.
    @Test("schemas/catalog.sql is what the migrations make")
    func snapshot() async throws {
        let temporary = try TemporaryCatalog()
        let statements = try await temporary.catalog.read { session in
            try session.query(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
            )
            .map { try $0.text("sql") }
        }
        let made = statements.map { $0 + ";\n" }.joined(separator: "\n")
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../schemas/catalog.sql")
        if ProcessInfo.processInfo.environment["GRANARY_WRITE_SCHEMA"] != nil {
            try Data(made.utf8).write(to: file)
        }
        let kept = try String(contentsOf: file, encoding: .utf8)
        #expect(made == kept, "Run the test once with GRANARY_WRITE_SCHEMA=1 and look at the difference.")
    }
}

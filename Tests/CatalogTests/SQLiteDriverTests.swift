// SPDX-License-Identifier: Apache-2.0

import GRDB
import GranaryCore
import GranaryTesting
import Synchronization
import Testing

@testable import GranaryCatalog

@Suite("The SQLite driver keeps what it acknowledged")
struct SQLiteDriverTests {
    @Test("every setting that the promises rest on is read back from the writer")
    func settings() async throws {
        let temporary = try TemporaryCatalog()
        for (pragma, value) in [
            ("synchronous", 2), ("foreign_keys", 1), ("wal_autocheckpoint", 16000), ("temp_store", 2),
        ] {
            let found = try await temporary.catalog.write { session in
                try session.query("PRAGMA \(pragma)")[0].values[0]
            }
            #expect(found == .integer(Int64(value)), "\(pragma)")
        }
        let mode = try await temporary.catalog.write { try $0.query("PRAGMA journal_mode")[0].text("journal_mode") }
        #expect(mode == "wal")
    }

    @Test("readers cannot write")
    func readersCannotWrite() async throws {
        let temporary = try TemporaryCatalog()
        let reader = try temporary.reader()
        for catalog in [temporary.catalog, reader] {
            await #expect(throws: GranaryError.self) { try await catalog.read { try $0.execute("DELETE FROM node") } }
        }
        let error = await #expect(throws: GranaryError.self) {
            try await reader.write { try $0.execute("DELETE FROM node") }
        }
        #expect(error?.code == .denied)
    }

    @Test(
        "a connection that does not hold the settings is refused",
        arguments: ["synchronous = NORMAL", "foreign_keys = OFF"])
    func wrongSettings(_ pragma: String) throws {
        let directory = try TemporaryDirectory()
        let pool = try DatabasePool(path: directory.file("catalog.sqlite"))
        try pool.writeWithoutTransaction(SQLiteSettings.applyAndProve)
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA \(pragma)") }
        let error = #expect(throws: GranaryError.self) { try pool.writeWithoutTransaction(SQLiteSettings.prove) }
        #expect(error?.code == .catalogRefused)
        // A rollback journal, as a file system without shared memory would give.
        let queue = try DatabaseQueue(path: directory.file("other.sqlite"))
        #expect(throws: GranaryError.self) { try queue.writeWithoutTransaction(SQLiteSettings.applyAndProve) }
    }

    @Test("concurrent writes share commits")
    func groupCommit() async throws {
        let temporary = try TemporaryCatalog()
        let database = try #require(temporary.catalog.database as? SQLiteDatabase)
        let counter = CommitCounter()
        database.pool.add(transactionObserver: counter, extent: .databaseLifetime)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask { try await temporary.catalog.write { try $0.fill(number, bytes: 10) } }
            }
            try await group.waitForAll()
        }
        #expect(try await temporary.catalog.read { try $0.count("SELECT COUNT(*) AS n FROM node") } == 200)
        let commits = counter.commits.load(ordering: .relaxed)
        #expect(commits > 0 && commits < 150, "200 writes took \(commits) commits")
    }

    @Test("a full disk fails every body of its group, undoes all of it, and leaves the catalog usable")
    func fullDisk() async throws {
        let temporary = try TemporaryCatalog()
        let catalog = temporary.catalog
        _ = try await catalog.write { session in
            let pages = try session.query("PRAGMA page_count")[0].int("page_count")
            return try session.query("PRAGMA max_page_count = \(pages + 20)")
        }
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask { (try? await catalog.write { try $0.fill(number, bytes: 30_000) }) != nil }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        let rows = try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM node") }
        #expect(outcomes.contains(false))
        #expect(rows == outcomes.count { $0 }, "what was acknowledged is there, what failed is not")
        let error = await #expect(throws: GranaryError.self) {
            try await catalog.write { try $0.fill(99, bytes: 3_000_000) }
        }
        #expect(error?.code == .storeFull)
        _ = try await catalog.write { try $0.query("PRAGMA max_page_count = 100000") }
        try await catalog.write { try $0.fill(100, bytes: 30_000) }
        #expect(try await catalog.read { try $0.damage() } == [])
    }

    @Test("a body that swallows the error of a full disk is not believed")
    func swallowedFullDisk() async throws {
        let temporary = try TemporaryCatalog()
        _ = try await temporary.catalog.write { session in
            let pages = try session.query("PRAGMA page_count")[0].int("page_count")
            return try session.query("PRAGMA max_page_count = \(pages + 2)")
        }
        await #expect(throws: GranaryError.self) {
            try await temporary.catalog.write { session in
                try? session.fill(1, bytes: 3_000_000)
                try session.fill(2, bytes: 1)
            }
        }
        #expect(try await temporary.catalog.read { try $0.count("SELECT COUNT(*) AS n FROM node") } == 0)
    }

    @Test("a reader sees the last commit while a write is under way, and opens a catalog that nobody owns")
    func readersBeside() async throws {
        let temporary = try TemporaryCatalog()
        let reader = try temporary.reader()
        try await temporary.catalog.write { try $0.fill(1, bytes: 1) }
        #expect(try await reader.read { try $0.count("SELECT COUNT(*) AS n FROM node") } == 1)
        try await temporary.catalog.database.close()
        #expect(try await temporary.reader().read { try $0.count("SELECT COUNT(*) AS n FROM node") } == 1)
    }

    @Test("a read that is cancelled ends as one, and not as a broken catalog")
    func cancelledRead() async throws {
        let temporary = try TemporaryCatalog()
        let (rows, row) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        let reading = Task {
            defer { row.finish() }
            try await temporary.catalog.read { try $0.forEach(endless, []) { _ in row.yield() } }
        }
        for await _ in rows { break }
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
    }

    @Test("a closed catalog says so")
    func closed() async throws {
        let temporary = try TemporaryCatalog()
        try await temporary.catalog.database.close()
        await #expect(throws: GranaryError.self) { try await temporary.catalog.write { try $0.fill(1, bytes: 1) } }
        await #expect(throws: GranaryError.self) { try await temporary.catalog.read { try $0.query("SELECT 1") } }
    }

    @Test("tidying empties a log that has grown large, and waits for no reader")
    func tidy() async throws {
        let temporary = try TemporaryCatalog()
        let database = try #require(temporary.catalog.database as? SQLiteDatabase)
        _ = try await database.write { try $0.query("PRAGMA wal_autocheckpoint = 0") }
        while database.logSize <= Limits.catalogLogBytes { try await database.write { try $0.fill(1, bytes: 8 << 20) } }
        try await database.tidy()
        #expect(database.logSize == 0)
        #expect(try await database.read { try $0.count("SELECT COUNT(*) AS n FROM node") } > 0)
    }
}

private final class CommitCounter: TransactionObserver, Sendable {
    let commits = Atomic(0)

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ database: GRDB.Database) { commits.add(1, ordering: .relaxed) }
    func databaseDidRollback(_ database: GRDB.Database) {}
}

extension SQLSession {
    /// A row of about that many bytes.
    fileprivate func fill(_ number: Int, bytes: Int) throws {
        try execute(
            "INSERT INTO node (name, process_id, started_at, seen_at) VALUES (?, ?, 1, 1)",
            [String(repeating: "x", count: bytes), number])
    }
}

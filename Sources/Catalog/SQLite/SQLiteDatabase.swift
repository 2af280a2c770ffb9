// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import Glibc
internal import GranaryCore

/// The embedded driver: SQLite through GRDB, with the settings of DESIGN §4.
///
/// One process owns the file and exactly one connection writes and checkpoints: SQLite 3.40 can damage the log when two
/// do.
public final class SQLiteDatabase: Database {
    let pool: DatabasePool
    private let commits: GroupCommit

    /// Opens or creates the file, applies what migrations it lacks, and proves that the settings hold.
    public init(path: String) throws {
        pool = try inWords(path) { try DatabasePool(path: path, configuration: .catalog()) }
        commits = GroupCommit(pool)
        try inWords(path) { try pool.writeWithoutTransaction(SQLiteSettings.applyAndProve) }
        try inWords(path) { try Migrator.sqlite.migrate(pool) }
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        try await inWords { try await pool.read { try body(SQLiteSession($0)) } }
    }

    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        try await commits.write(body)
    }

    /// Empties the write-ahead log once readers have kept it growing beyond `Limits.catalogLogBytes`.
    public func tidy() async throws {
        guard logSize > Limits.catalogLogBytes else { return }
        try await inWords { try await pool.writeWithoutTransaction { _ = try? $0.emptyLog() } }
    }

    /// In bytes.
    var logSize: Int64 {
        var status = stat()
        return stat(pool.path + "-wal", &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Empties the write-ahead log first, so that a catalog at rest is one file. A reader that keeps it from that does no harm.
    public func close() async throws {
        try await inWords { try await pool.writeWithoutTransaction { _ = try? $0.emptyLog() } }
        try inWords { try pool.close() }
    }
}

/// Reads a catalog that another process may own. It cannot change anything, not even the log.
public final class SQLiteReader: Database {
    private let queue: DatabaseQueue

    public init(path: String) throws {
        var configuration = Configuration.catalog()
        configuration.readonly = true
        queue = try inWords(path) { try DatabaseQueue(path: path, configuration: configuration) }
        try inWords(path) { try queue.read(Migrator.sqlite.requireCurrent) }
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        try await inWords { try await queue.read { try body(SQLiteSession($0)) } }
    }

    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        throw GranaryError(
            .denied, "The catalog was opened for reading only.", remedy: "This is a defect of the command; report it.")
    }

    public func tidy() async throws {}

    public func close() async throws { try inWords { try queue.close() } }
}

extension Configuration {
    fileprivate static func catalog() -> Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        // CQL2's LIKE is case-sensitive, as PostgreSQL's is.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA case_sensitive_like = ON") }
        return configuration
    }
}

extension GRDB.Database {
    /// Copies the log into the file and cuts it to nothing; throws, having copied what it could, while readers hold it.
    fileprivate func emptyLog() throws {
        // Writers wait behind this, so it does not wait long for readers: the next round tries again.
        try execute(sql: "PRAGMA busy_timeout = 100")
        defer { try? execute(sql: "PRAGMA busy_timeout = 5000") }
        try checkpoint(.truncate)
    }
}

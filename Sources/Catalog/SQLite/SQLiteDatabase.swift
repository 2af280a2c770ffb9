// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import GranaryCore
internal import Synchronization

/// The embedded driver: SQLite through GRDB, with the settings of DESIGN §4.
///
/// One process owns the file and exactly one connection writes and checkpoints: SQLite 3.40 can damage the log when two do.
public final class SQLiteDatabase: Database {
    private let pool: DatabasePool
    private let commits: GroupCommit

    /// Opens or creates the file, applies what migrations it lacks, and proves that the settings hold.
    public init(path: String) throws {
        pool = try catalogErrors(path) { try DatabasePool(path: path, configuration: .catalog()) }
        commits = GroupCommit(pool)
        try catalogErrors(path) { try pool.writeWithoutTransaction(SQLiteSettings.applyAndProve) }
        try catalogErrors(path) { try Migrator.sqlite.migrate(pool) }
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        try await pool.read { try body(SQLiteSession($0)) }
    }

    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        try await commits.write(body)
    }

    public func close() async throws { try pool.close() }
}

/// Reads a catalog that another process may own. It cannot change anything, not even the log.
public final class SQLiteReader: Database {
    private let queue: DatabaseQueue

    public init(path: String) throws {
        var configuration = Configuration.catalog()
        configuration.readonly = true
        queue = try catalogErrors(path) { try DatabaseQueue(path: path, configuration: configuration) }
        try catalogErrors(path) { try queue.read(Migrator.sqlite.requireCurrent) }
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        try await queue.read { try body(SQLiteSession($0)) }
    }

    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> Value
    ) async throws -> Value {
        throw GranaryError(
            .denied, "The catalog was opened for reading only.", remedy: "This is a defect of the command; report it.")
    }

    public func close() async throws { try queue.close() }
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

/// Puts the driver's own errors into words.
func catalogErrors<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error as DatabaseError {
        throw GranaryError(
            .catalogFailed, "The catalog \(path) cannot be used: \(error.message ?? "\(error.resultCode)").",
            subject: path,
            remedy:
                "Check that the file and its folder are there, writable and not full; `granary check catalog` tells more.",
            cause: error)
    }
}

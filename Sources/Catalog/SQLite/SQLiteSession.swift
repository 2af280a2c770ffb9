// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import GranaryCore

/// A session over one GRDB connection. Statements are prepared once for each connection and reused.
final class SQLiteSession: SQLSession {
    private let database: GRDB.Database
    /// By the statement's text, so that nothing is looked up or made anew for every single row.
    private var prepared: [String: Prepared] = [:]

    private let isInTransaction: Bool

    init(_ database: GRDB.Database) {
        self.database = database
        isInTransaction = database.isInsideTransaction
    }

    @discardableResult
    func execute(_ sql: String, _ arguments: [(any SQLConvertible)?]) throws -> Int {
        try inWords {
            try proveTransaction()
            try prepare(sql).statement.run(arguments) { _ in }
            return database.changesCount
        }
    }

    func forEach(_ sql: String, _ arguments: [(any SQLConvertible)?], _ body: (SQLRow) throws -> Void) throws {
        try inWords {
            try proveTransaction()
            let prepared = try prepare(sql)
            let isOutermost = !prepared.isUnderway
            prepared.isUnderway = true
            defer { if isOutermost { prepared.isUnderway = false } }
            let statement = try isOutermost ? prepared.statement : database.makeStatement(sql: sql)
            try statement.run(arguments) { try body(SQLRow(columns: prepared.columns, values: $0)) }
        }
    }

    private func prepare(_ sql: String) throws -> Prepared {
        if let known = prepared[sql] { return known }
        let made = Prepared(try database.cachedStatement(sql: sql))
        prepared[sql] = made
        return made
    }

    /// A full disk makes SQLite roll back by itself. What follows in a body that does not heed the error would be committed
    /// row by row.
    private func proveTransaction() throws {
        guard isInTransaction, !database.isInsideTransaction else { return }
        throw DatabaseError(resultCode: .SQLITE_ABORT, message: "SQLite has undone the transaction")
    }

    /// SQLite has one writer, so that what this body reads nobody else can claim.
    func lockDueWork(_ claim: WorkClaim) throws -> [WorkItem] {
        try query(
            """
            SELECT * FROM work
            WHERE kind = ? AND state IN ('available', 'scheduled', 'retryable') AND due_at <= ?
            ORDER BY priority DESC, due_at, id LIMIT ?
            """,
            [claim.kind, claim.now, claim.limit]
        ).map(WorkItem.init(row:))
    }

    func damage() throws -> [String] {
        let pages = try query("PRAGMA integrity_check").map { try $0.text("integrity_check") }.filter { $0 != "ok" }
        let references = try query("PRAGMA foreign_key_check").map { row in
            "Row \(try row.optionalInt64("rowid") ?? 0) of \(try row.text("table")) names a row of "
                + "\(try row.text("parent")) that is not there."
        }
        return pages + references
    }
}

/// A statement with what its rows are called.
private final class Prepared {
    let statement: Statement
    let columns: SQLRow.Columns
    /// While its rows are handed out, it must not be started anew by a query inside.
    var isUnderway = false

    init(_ statement: Statement) {
        self.statement = statement
        columns = SQLRow.Columns(statement.columnNames)
    }
}

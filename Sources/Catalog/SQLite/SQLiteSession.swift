// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import GranaryCore

/// A session over one GRDB connection. Statements are prepared once for each connection and reused.
final class SQLiteSession: SQLSession {
    private let database: GRDB.Database
    /// Queries whose rows are being handed out: their statements must not be started anew by a query inside.
    private var underway: Set<String> = []
    /// By the statement's text, so that a table of columns is not made anew for every single row that is looked up.
    private var columns: [String: SQLRow.Columns] = [:]

    private let isInTransaction: Bool

    init(_ database: GRDB.Database) {
        self.database = database
        isInTransaction = database.isInsideTransaction
    }

    @discardableResult
    func execute(_ sql: String, _ arguments: [(any SQLConvertible)?]) throws -> Int {
        try inWords {
            try proveTransaction()
            try database.cachedStatement(sql: sql).run(arguments) { _ in }
            return database.changesCount
        }
    }

    func forEach(_ sql: String, _ arguments: [(any SQLConvertible)?], _ body: (SQLRow) throws -> Void) throws {
        let isOutermost = underway.insert(sql).inserted
        defer { if isOutermost { underway.remove(sql) } }
        try inWords {
            try proveTransaction()
            let statement = try isOutermost ? database.cachedStatement(sql: sql) : database.makeStatement(sql: sql)
            let columns = columns(of: statement, sql)
            try statement.run(arguments) { try body(SQLRow(columns: columns, values: $0)) }
        }
    }

    /// A full disk makes SQLite roll back by itself. What follows in a body that does not heed the error would be committed
    /// row by row.
    private func proveTransaction() throws {
        guard isInTransaction, !database.isInsideTransaction else { return }
        throw DatabaseError(resultCode: .SQLITE_ABORT, message: "SQLite has undone the transaction")
    }

    private func columns(of statement: Statement, _ sql: String) -> SQLRow.Columns {
        if let known = columns[sql] { return known }
        let made = SQLRow.Columns(statement.columnNames)
        columns[sql] = made
        return made
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

// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB
internal import GranaryCore

/// A session over one GRDB connection. Statements are prepared once for each connection and reused.
final class SQLiteSession: SQLSession {
    private let database: GRDB.Database
    /// Queries whose rows are being handed out: their statements must not be started anew by a query inside.
    private var underway: Set<String> = []
    /// By the statement's text, so that a table of columns is not made anew for every single row that is looked up.
    private var columns: [String: SQLRow.Columns] = [:]

    init(_ database: GRDB.Database) { self.database = database }

    @discardableResult
    func execute(_ sql: String, _ arguments: [(any SQLConvertible)?]) throws -> Int {
        try inWords {
            let statement = try database.cachedStatement(sql: sql)
            try statement.execute(arguments: bound(arguments))
            return database.changesCount
        }
    }

    func forEach(_ sql: String, _ arguments: [(any SQLConvertible)?], _ body: (SQLRow) throws -> Void) throws {
        let isOutermost = underway.insert(sql).inserted
        defer { if isOutermost { underway.remove(sql) } }
        try inWords {
            let statement = try isOutermost ? database.cachedStatement(sql: sql) : database.makeStatement(sql: sql)
            let columns = columns(of: statement, sql)
            let rows = try Row.fetchCursor(statement, arguments: bound(arguments))
            while let row = try rows.next() {
                try body(SQLRow(columns: columns, values: (0..<columns.names.count).map { value(row, $0) }))
            }
        }
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

    private func bound(_ arguments: [(any SQLConvertible)?]) -> StatementArguments {
        StatementArguments(arguments.map { databaseValue($0?.sql ?? .null) })
    }
}

private func databaseValue(_ value: SQLValue) -> DatabaseValue {
    switch value {
    case .null: .null
    case .integer(let number): number.databaseValue
    case .real(let number): number.databaseValue
    case .text(let text): text.databaseValue
    case .bytes(let bytes): Data(bytes).databaseValue
    }
}

private func value(_ row: Row, _ index: Int) -> SQLValue {
    switch (row[index] as DatabaseValue).storage {
    case .null: .null
    case .int64(let number): .integer(number)
    case .double(let number): .real(number)
    case .string(let text): .text(text)
    case .blob(let data): .bytes(Array(data))
    }
}

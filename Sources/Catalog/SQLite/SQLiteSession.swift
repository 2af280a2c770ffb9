// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB
internal import GranaryCore

/// A session over one GRDB connection. Statements are prepared once for each connection and reused.
struct SQLiteSession: SQLSession {
    private let database: GRDB.Database

    init(_ database: GRDB.Database) { self.database = database }

    @discardableResult
    func execute(_ sql: String, _ arguments: [(any SQLConvertible)?]) throws -> Int {
        let statement = try database.cachedStatement(sql: sql)
        try statement.execute(arguments: bound(arguments))
        return database.changesCount
    }

    func forEach(_ sql: String, _ arguments: [(any SQLConvertible)?], _ body: (SQLRow) throws -> Void) throws {
        let statement = try database.cachedStatement(sql: sql)
        let columns = SQLRow.Columns(statement.columnNames)
        let rows = try Row.fetchCursor(statement, arguments: bound(arguments))
        while let row = try rows.next() {
            try body(SQLRow(columns: columns, values: (0..<columns.names.count).map { value(row, $0) }))
        }
    }

    /// SQLite has one writer, so a claim is exclusive by itself.
    func claimWork(_ claim: WorkClaim) throws -> [WorkItem] {
        try query(
            """
            UPDATE work SET state = 'running', attempt = attempt + 1, token = token + 1, lease_owner = ?, lease_until = ?,
                updated_at = ?
            WHERE id IN (
                SELECT id FROM work WHERE kind = ? AND state IN ('available', 'scheduled', 'retryable') AND due_at <= ?
                ORDER BY priority DESC, due_at, id LIMIT ?)
            RETURNING *
            """,
            [claim.owner, claim.now + claim.lease, claim.now, claim.kind.rawValue, claim.now, claim.limit]
        ).map(WorkItem.init(row:))
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

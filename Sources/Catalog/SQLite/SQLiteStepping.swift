// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import GRDBSQLite
internal import GranaryCore

/// Runs prepared statements on SQLite's own interface: GRDB's rows and arguments, made for any type of value, take as long
/// as SQLite itself, for each of the twenty-odd statements of a file.
extension Statement {
    /// Runs the statement from its beginning and hands out each row's values in the order of the columns.
    func run(_ arguments: [(any SQLConvertible)?], _ row: ([SQLValue]) throws -> Void) throws {
        try bind(arguments)
        defer { sqlite3_reset(sqliteStatement) }
        let count = Int(sqlite3_column_count(sqliteStatement))
        while true {
            switch sqlite3_step(sqliteStatement) {
            case SQLITE_ROW: try row((0..<count).map { value(Int32($0)) })
            case SQLITE_DONE: return
            case let code: throw failure(code)
            }
        }
    }

    private func bind(_ arguments: [(any SQLConvertible)?]) throws {
        guard Int(sqlite3_bind_parameter_count(sqliteStatement)) == arguments.count else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "wrong number of arguments", sql: sql)
        }
        for (position, argument) in arguments.enumerated() {
            let code = bind(argument?.sql ?? .null, at: Int32(position + 1))
            guard code == SQLITE_OK else { throw failure(code) }
        }
    }

    private func bind(_ value: SQLValue, at position: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(sqliteStatement, position)
        case .integer(let number): return sqlite3_bind_int64(sqliteStatement, position, number)
        case .real(let number): return sqlite3_bind_double(sqliteStatement, position, number)
        case .text(var text):
            return text.withUTF8 { text in
                // An empty text may have no address, which would be NULL.
                let start = UnsafeRawPointer(text.baseAddress ?? ("" as StaticString).utf8Start)
                return sqlite3_bind_text(
                    sqliteStatement, position, start.assumingMemoryBound(to: CChar.self), Int32(text.count), copied)
            }
        case .bytes(let bytes) where bytes.isEmpty: return sqlite3_bind_zeroblob(sqliteStatement, position, 0)
        case .bytes(let bytes):
            return sqlite3_bind_blob(sqliteStatement, position, bytes, Int32(bytes.count), copied)
        }
    }

    private func value(_ column: Int32) -> SQLValue {
        switch sqlite3_column_type(sqliteStatement, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(sqliteStatement, column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(sqliteStatement, column))
        // Asked for before its length, as SQLite wants it.
        case SQLITE_TEXT:
            .text(String(decoding: content(sqlite3_column_text(sqliteStatement, column), column), as: UTF8.self))
        case SQLITE_BLOB: .bytes(Array(content(sqlite3_column_blob(sqliteStatement, column), column)))
        default: .null
        }
    }

    private func content(_ start: UnsafeRawPointer?, _ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(sqliteStatement, column)))
    }

    /// A cancelled read is interrupted by GRDB, and by nobody else.
    private func failure(_ code: Int32) -> any Error {
        if code & 0xFF == SQLITE_INTERRUPT { return CancellationError() }
        let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(sqliteStatement)))
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message, sql: sql)
    }
}

/// Has SQLite keep a copy of what is bound.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

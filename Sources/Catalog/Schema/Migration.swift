// SPDX-License-Identifier: Apache-2.0

/// One step of the schema. Migrations are only ever appended.
struct Migration: Sendable {
    let name: String
    /// SQL with the few words that databases spell differently in braces: `{id}`, `{bytes}`.
    let sql: [String]
    /// Tables whose rows are never changed or removed.
    var appendOnly: [String] = []

    static let all: [Migration] = [.ingest, .work, .processing, .delivery, .operations, .views, .network, .indexes]

    func statements(_ dialect: Dialect) -> [String] {
        sql.map(dialect.spell) + appendOnly.flatMap(dialect.appendOnly)
    }
}

/// How one database spells what the standard leaves open.
struct Dialect: Sendable {
    let id: String
    let bytes: String
    let appendOnly: @Sendable (_ table: String) -> [String]

    func spell(_ sql: String) -> String {
        sql.split(separator: "{id}", omittingEmptySubsequences: false).joined(separator: id)
            .split(separator: "{bytes}", omittingEmptySubsequences: false).joined(separator: bytes)
    }

    static let sqlite = Dialect(id: "INTEGER PRIMARY KEY AUTOINCREMENT", bytes: "BLOB") { table in
        ["UPDATE", "DELETE"].map { act in
            """
            CREATE TRIGGER \(table)_refuses_\(act.lowercased()) BEFORE \(act) ON \(table)
            BEGIN SELECT RAISE(ABORT, '\(table) is append-only'); END
            """
        }
    }
}

/// `'a', 'b'` for a CHECK constraint, from the states themselves, so that schema and code cannot differ.
func words<Word: CaseIterable & RawRepresentable<String>>(_: Word.Type) -> String {
    Word.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
}

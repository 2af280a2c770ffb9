// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryMetrics

/// How one kind of record is shown: each of its columns once, for every command and every format.
struct RecordTable<Record>: Sendable {
    struct Column: Sendable {
        let column: Table.Column
        let cell: @Sendable (Record) -> Cell

        static func text(_ name: String, _ cell: @escaping @Sendable (Record) -> Cell) -> Self {
            Self(column: .text(name), cell: cell)
        }
        static func number(_ name: String, _ cell: @escaping @Sendable (Record) -> Cell) -> Self {
            Self(column: .number(name), cell: cell)
        }
    }
    let columns: [Column]
    /// The columns that people are shown in a list: as many as fit a terminal.
    let brief: [String]

    init(brief: [String], _ columns: [Column]) {
        self.columns = columns
        self.brief = brief
    }

    func table(_ records: [Record]) -> Table {
        Table(columns.map(\.column), rows: records.map { record in columns.map { $0.cell(record) } })
    }

    func json(_ record: Record) -> JSONValue { table([record]).records[0] }

    func json(_ records: [Record]) -> JSONValue { .array(table(records).records) }
}

extension Cell {
    static func known(_ text: String?) -> Cell { text.map { .text($0) } ?? .none }
    static func known(_ moment: Timestamp?) -> Cell { moment.map { .time($0) } ?? .none }
    static func known(_ number: Int64?) -> Cell { number.map { .integer($0) } ?? .none }
    static func known(_ path: BytePath?) -> Cell { path.map { .path($0) } ?? .none }
    static func word(_ word: (some RawRepresentable<String>)?) -> Cell { known(word?.rawValue) }
    static func count(_ number: Int) -> Cell { .integer(Int64(number)) }
}

extension Table {
    /// One row as lines of field and value, without what is empty: how people read a single thing.
    var upright: Table {
        let lines = rows.first.map { zip(columns, $0).filter { $1 != .none }.map { [Cell.text($0.heading), $1] } }
        return Table([.text("field"), .text("value")], rows: lines ?? [])
    }
}

/// Text that the ledger keeps as JSON, as the JSON that it is.
func embedded(_ text: String) -> JSONValue { (try? JSONValue(parsing: text)) ?? .string(text) }

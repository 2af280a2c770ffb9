// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryMetrics

/// What stands below the thing itself when people look at it.
enum Part {
    case table(Table)
    case lines([String])

    static func files(_ records: [FileRecord]) -> Part { brief(.files, records) }
    static func events(_ records: [EventRecord]) -> Part { brief(.events, records) }
    static func granules(_ records: [GranuleRecord]) -> Part { brief(.granules, records) }
    static func jobAttempts(_ records: [JobAttemptRecord]) -> Part { brief(.jobAttempts, records) }
    static func sends(_ records: [SubmissionAttemptRecord]) -> Part { brief(.sends, records) }
    static func responses(_ records: [ResponseRecord]) -> Part { brief(.responses, records) }

    private static func brief<Record>(_ columns: RecordTable<Record>, _ records: [Record]) -> Part {
        let table = columns.table(records)
        return .table((try? table.selecting(columns.brief)) ?? table)
    }

    fileprivate var text: String? {
        switch self {
        case .table(let table): table.rows.isEmpty ? nil : table.rendered(as: .table)
        case .lines(let lines):
            lines.isEmpty ? nil : lines.flatMap { $0.split(separator: "\n") }.map { tamed(String($0)) + "\n" }.joined()
        }
    }
}

extension OutputOptions {
    /// A list: people see its brief columns, long names cut, unless they ask for others; programs see all of all.
    func show(_ table: Table, brief: [String]) throws {
        guard output == .table, fields == nil else { return try show(table) }
        standardOutput(try table.selecting(brief).aligned(cellWidth: 50))
    }

    /// One thing: for people upright with its parts below, as JSON whole, as CSV its one row.
    func show(_ record: Table, json: JSONValue, parts: [(String, Part)]) throws {
        guard fields == nil else { return try show(record) }
        switch output {
        case .table:
            let below = parts.compactMap { part in part.1.text.map { "\(part.0)\n\($0)" } }
            standardOutput(([record.upright.rendered(as: .table)] + below).joined(separator: "\n"))
        case .json: standardOutput(json.text(pretty: true))
        case .jsonl: standardOutput(json.text)
        case .csv: try show(record)
        }
    }
}

func notFound(_ kind: String, _ word: some CustomStringConvertible, _ noun: String) -> GranaryError {
    GranaryError(
        .notFound, "There is no \(kind) \(BytePath(word.description)).", subject: word.description,
        remedy: "`granary \(noun) list` lists those that there are.")
}

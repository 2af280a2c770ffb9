// SPDX-License-Identifier: Apache-2.0

import GRDB
import GranaryCore
import GranaryTesting

/// One row with a property of every type that filters know.
struct SampleRow {
    let properties: [String: FilterValue]

    static let schema = FilterSchema([
        "name": .string("name"), "note": .string("note"), "size": .integer("size"), "rank": .integer("rank"),
        "cloud": .number("cloud"), "good": .boolean("good"), "at": .timestamp("at"),
        "span": .interval(start: "span_start", end: "span_end"),
        "box": .box(west: "west", south: "south", east: "east", north: "north"),
    ])

    init(properties: [String: FilterValue]) {
        self.properties = properties
    }

    /// Random values, each missing now and then.
    init(_ random: inout SeededGenerator) {
        var properties: [String: FilterValue] = [:]
        for name in ["name", "note"] where !random.oneIn(5) { properties[name] = .string(Sample.word(&random)) }
        for name in ["size", "rank"] where !random.oneIn(5) {
            properties[name] = .integer(Int64.random(in: -4...4, using: &random))
        }
        if !random.oneIn(5) { properties["cloud"] = .number(Double(Int.random(in: -6...6, using: &random)) / 2) }
        if !random.oneIn(5) { properties["good"] = .boolean(random.oneIn(2)) }
        if !random.oneIn(5) { properties["at"] = .timestamp(Sample.time(&random)) }
        let ends = [Sample.time(&random), Sample.time(&random)].sorted()
        properties["span"] = .interval(start: random.oneIn(6) ? nil : ends[0], end: random.oneIn(6) ? nil : ends[1])
        if !random.oneIn(5) {
            let latitudes = [Sample.latitude(&random), Sample.latitude(&random)].sorted()
            properties["box"] = .box(
                west: Sample.longitude(&random), south: latitudes[0], east: Sample.longitude(&random),
                north: latitudes[1])
        }
        self.properties = properties
    }

    /// The rows that the condition selects, by their numbers from zero.
    static func select(_ filter: FilterSQL, from database: DatabaseQueue) throws -> [Int] {
        try database.read { database in
            try Int.fetchAll(
                database, sql: "SELECT id FROM sample WHERE \(filter.text) ORDER BY id",
                arguments: StatementArguments(filter.arguments.map(\.databaseValue)))
        }
    }

    fileprivate func insert(_ id: Int, into database: Database) throws {
        var columns: [String: DatabaseValue] = ["id": id.databaseValue]
        for (name, value) in properties {
            switch value {
            case .string(let text): columns[name] = text.databaseValue
            case .integer(let value), .timestamp(let value): columns[name] = value.databaseValue
            case .number(let value): columns[name] = value.databaseValue
            case .boolean(let value): columns[name] = (value ? 1 : 0).databaseValue
            case .interval(let start, let end):
                columns["span_start"] = start?.databaseValue ?? .null
                columns["span_end"] = end?.databaseValue ?? .null
            case .box(let west, let south, let east, let north):
                for (name, value) in [("west", west), ("south", south), ("east", east), ("north", north)] {
                    columns[name] = value.databaseValue
                }
            }
        }
        let names = columns.keys.sorted()
        let marks = names.map { ":\($0)" }.joined(separator: ", ")
        try database.execute(
            sql: "INSERT INTO sample (\(names.joined(separator: ", "))) VALUES (\(marks))",
            arguments: StatementArguments(columns))
    }
}

extension DatabaseQueue {
    /// A database in memory, set up as `FilterSQL` requires.
    static func sample(holding rows: [SampleRow]) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA case_sensitive_like = ON") }
        let queue = try DatabaseQueue(configuration: configuration)
        try queue.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE sample (
                        id INTEGER PRIMARY KEY, name TEXT, note TEXT, size INTEGER, rank INTEGER, cloud REAL, good INTEGER,
                        at INTEGER, span_start INTEGER, span_end INTEGER, west REAL, south REAL, east REAL, north REAL
                    ) STRICT
                    """)
            for (id, row) in rows.enumerated() { try row.insert(id, into: database) }
        }
        return queue
    }
}

extension FilterSQL.Argument {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .text(let text): text.databaseValue
        case .integer(let value): value.databaseValue
        case .number(let value): value.databaseValue
        }
    }
}

/// Random values from small ranges, so that equality and touching are common.
enum Sample {
    static func word(_ random: inout SeededGenerator) -> String {
        let letters = ["a", "A", "b", "%", "_", "é", "e\u{301}", "α", "\u{1F30D}"]
        return (0..<Int.random(in: 0...3, using: &random)).map { _ in random.pick(letters) }.joined()
    }

    /// Hours after 2024-05-01T00:00:00Z, over three days.
    static func hour(_ random: inout SeededGenerator) -> Int { Int.random(in: 0..<12, using: &random) * 6 }

    static func time(_ random: inout SeededGenerator) -> Int64 {
        1_714_521_600_000_000 + Int64(hour(&random)) * 3_600_000_000
    }

    static func timeText(_ hour: Int) -> String {
        "2024-05-0\(1 + hour / 24)T\(hour % 24 < 10 ? "0" : "")\(hour % 24):00:00Z"
    }

    static func longitude(_ random: inout SeededGenerator) -> Double {
        Double(Int.random(in: -6...6, using: &random)) * 30
    }
    static func latitude(_ random: inout SeededGenerator) -> Double { longitude(&random) / 2 }
}

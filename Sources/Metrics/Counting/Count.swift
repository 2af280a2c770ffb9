// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// What the rows of one query are grouped by.
enum CountAxis: Sendable, Hashable {
    case collection, day, source, destination, total

    init(_ axis: ReportRequest.Axis) {
        switch axis {
        case .collection: self = .collection
        case .day: self = .day
        case .destination: self = .destination
        }
    }
}

/// A question to the ledger: how many rows there are, and what they add up to, for each key and each word.
struct Count: Sendable {
    /// The table with its alias.
    var from: String
    /// Brings in `granule g` where a key or the clock needs it.
    var joinGranule = ""
    /// The column by which rows fall into the period.
    var clock: String
    /// What is added up.
    var sum: String
    /// Further tables and conditions that belong to the question itself.
    var join = ""
    var condition = "1 = 1"
    /// The SQL expression whose values `measures` knows.
    var word: String
    var measures: [String: Measure]
    /// The columns that name a row's source and destination, where it has them.
    var source: String?
    var destination: String?
    /// The expressions of collection and version, where it has them.
    var collection: [String]? = ["g.collection", "g.version"]

    /// True when rows can be told apart by this axis.
    func knows(_ axis: CountAxis) -> Bool {
        switch axis {
        case .source: source != nil
        case .destination: destination != nil
        case .collection, .day, .total: true
        }
    }

    /// The expressions of `key1` and `key2`.
    func keys(_ axis: CountAxis) -> [String] {
        switch axis {
        case .collection: collection ?? ["NULL", "NULL"]
        case .day: [startOfDay(clock), "NULL"]
        case .source: [source ?? "NULL", "NULL"]
        case .destination: [destination ?? "NULL", "NULL"]
        case .total: ["NULL", "NULL"]
        }
    }

    /// The tables of a query by this axis; a total by an arrival's own clock needs no granule, and so proves the join.
    func tables(_ axis: CountAxis) -> String {
        let needsGranule = axis == .collection || clock.hasPrefix("g.")
        return from + (needsGranule ? " \(joinGranule)" : "") + " \(join)"
    }
}

extension SQLSession {
    /// Asks one question by one axis. A word that no measure knows is left out, so that the balance cannot hold.
    func count(_ count: Count, by axis: CountAxis, in period: Period?, into tally: inout Tally) throws {
        guard count.knows(axis) else { return }
        let keys = count.keys(axis)
        let found = try query(
            """
            SELECT \(keys[0]) AS key1, \(keys[1]) AS key2, \(count.word) AS word, COUNT(*) AS n,
                CAST(COALESCE(SUM(\(count.sum)), 0) AS BIGINT) AS total
            FROM \(count.tables(axis)) WHERE \(count.condition)\(period.condition(on: count.clock))
            GROUP BY 1, 2, 3
            """, period.arguments)
        for row in found {
            guard let measure = count.measures[try row.text("word")] else { continue }
            let amount = Amount(count: try row.int64("n"), sum: try row.int64("total"))
            tally.add(amount, to: measure, of: try RowKey(axis, row))
        }
    }
}

extension Period? {
    /// ` AND column >= ? AND column < ?`, or nothing; its arguments are `arguments`.
    func condition(on column: String) -> String { self == nil ? "" : " AND \(column) >= ? AND \(column) < ?" }

    var arguments: [(any SQLConvertible)?] { map { [$0.start, $0.end] } ?? [] }
}

/// The first microsecond of a moment's UTC day, before 1970 too, where `%` alone would round the other way.
func startOfDay(_ column: String) -> String {
    let day = "86400000000"
    return "(\(column) - ((\(column) % \(day)) + \(day)) % \(day))"
}

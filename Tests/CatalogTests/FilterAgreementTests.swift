// SPDX-License-Identifier: Apache-2.0

import GRDB
import GranaryCore
import GranaryTesting
import Testing

/// The two back ends of filters must select the same rows.
@Suite struct FilterAgreementTests {
    @Test("Evaluation in memory and SQL select the same rows, for 4,000 random filters over random rows")
    func agreement() throws {
        var random = SeededGenerator.fresh()
        let rows = (0..<60).map { _ in SampleRow(&random) }
        let database = try DatabaseQueue.sample(holding: rows)
        var selections = Set<[Int]>()
        for _ in 0..<4_000 {
            var writer = RandomFilter(random: random)
            let text = writer.condition(depth: 3)
            random = writer.random
            let filter = try Filter(parsing: text)
            let sql = try filter.sql(columns: SampleRow.schema)
            let selected = try SampleRow.select(sql, from: database)
            let matched = try rows.indices.filter { try filter.matches(rows[$0].properties) }
            #expect(
                selected == matched, "GRANARY_SEED=\(random.seed) filter: \(text)\nSQL: \(sql.text) \(sql.arguments)")
            selections.insert(selected)
        }
        #expect(selections.count > 500, "the filters select too few different sets of rows to show much")
    }

    @Test(
        "Long chains and lists stay within SQLite's limits",
        arguments: [
            "size = 1" + String(repeating: " OR size=1", count: 6_000),
            "size = 1" + String(repeating: " AND size=1", count: 5_000),
            "size IN (1" + String(repeating: ",1", count: 29_999) + ")",
            "size = 1" + String(repeating: "+1", count: 256) + " OR size = 1",
            "size = size" + String(repeating: "*1", count: 256),
        ])
    func longFilters(text: String) throws {
        #expect(try Self.selectsTheOne(text) == true)
    }

    @Test(
        "Whatever is nested too deeply for SQLite's parser is refused before it gets there",
        arguments: [
            Nesting("NOT (", "size = 1", ")"), Nesting("(size = 1 AND (rank = 1 OR ", "size = 1", "))"),
            Nesting("((", "size = 1", ") IS NULL)"), Nesting("size = 1 AND NOT (rank = 1 OR NOT (", "size = 1", "))"),
            Nesting("1 + (", "size", ")", " > 0"), Nesting("CASEI(", "name", ")", " = 'a'"),
            Nesting("1 / (", "size", ")", " > 0"), Nesting("size - 2 div (", "size", ")", " > 0"),
        ])
    func deepFilters(nesting: Nesting) throws {
        let accepted = try (1...60).filter { try Self.selectsTheOne(nesting.text(depth: $0)) != nil }
        #expect(accepted.count >= 4)
        #expect(accepted == Array(1...accepted.count))
    }

    struct Nesting: CustomTestStringConvertible {
        private let parts: (opening: String, core: String, closing: String, rest: String)
        var testDescription: String { parts.opening }

        init(_ opening: String, _ core: String, _ closing: String, _ rest: String = "") {
            parts = (opening, core, closing, rest)
        }

        func text(depth: Int) -> String {
            String(repeating: parts.opening, count: depth) + parts.core + String(repeating: parts.closing, count: depth)
                + parts.rest
        }
    }

    /// Whether the filter selects a row of size 1, alike on both back ends; nil when it is refused as an invalid filter.
    private static func selectsTheOne(_ text: String) throws -> Bool? {
        let row = SampleRow(properties: ["size": .integer(1), "name": .string("a")])
        do {
            let filter = try Filter(parsing: text)
            let selected =
                try SampleRow.select(filter.sql(columns: SampleRow.schema), from: .sample(holding: [row])) == [0]
            #expect(try filter.matches(row.properties) == selected)
            return selected
        } catch let error as GranaryError {
            #expect(error.code == .filterInvalid)
            return nil
        }
    }
}

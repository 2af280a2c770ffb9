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
            #expect(selected == matched, "GRANARY_SEED=\(random.seed) filter: \(text)\nSQL: \(sql.text) \(sql.arguments)")
            selections.insert(selected)
        }
        #expect(selections.count > 500, "the filters select too few different sets of rows to show much")
    }

    @Test("Long chains, long lists and deep nesting stay within SQLite's limits", arguments: [
        "size = 1" + String(repeating: " OR size=1", count: 6_000),
        "size = 1" + String(repeating: " AND size=1", count: 5_000),
        "size IN (1" + String(repeating: ",1", count: 29_999) + ")",
        "size = 1" + String(repeating: "+1", count: 256) + " OR size = 1",
        String(repeating: "NOT (", count: 64) + "size = 1" + String(repeating: ")", count: 64),
    ])
    func longFilters(text: String) throws {
        let row = SampleRow(properties: ["size": .integer(1)])
        let filter = try Filter(parsing: text)
        let selected = try SampleRow.select(filter.sql(columns: SampleRow.schema), from: .sample(holding: [row]))
        #expect(try filter.matches(row.properties))
        #expect(selected == [0])
    }
}

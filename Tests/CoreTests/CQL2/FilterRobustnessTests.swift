// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Testing

@Suite struct FilterRobustnessTests {
    /// Our own, so that the tests run without the public examples; they visit every production of the grammar.
    private static let seeds = [
        "NOT a = 1 AND (b <> 'x''y' OR c LIKE CASEI('%a\\_b')) AND d NOT BETWEEN -1.5e3 AND .5",
        "e IN (DATE('2024-02-29'), TIMESTAMP('2024-02-29T12:34:56.789Z')) OR \"f g\" IS NOT NULL",
        "T_DURING(INTERVAL(x, '..'), INTERVAL('2020-01-01','2021-01-01T00:00:00Z')) AND g = -h * 2 ^ 3 div 4 % 5",
        "S_INTERSECTS(bbox, BBOX(170,-10,-170,10)) OR S_WITHIN(p, POLYGON Z((0 0 1,1 0 1,1 1 1,0 0 1),(0 0 1,1 0 1,1 1 1,0 0 1)))",
        "S_EQUALS(GEOMETRYCOLLECTION(POINT(1 2), MULTIPOINT((1 2),3 4), MULTIPOLYGON(((0 0,1 0,1 1,0 0)))), geom)",
        "A_EQUALS((1,('a',TRUE),foo(x, (a = 1))), b) AND bar() AND (a = 1) IS NULL",
    ]
    private static let texts = seeds + PublicExamples.names.compactMap { try? PublicExamples.text($0) }

    @Test("Every prefix of every example parses or is refused as an invalid filter", arguments: texts)
    func prefixes(text: String) {
        let scalars = Array(text.unicodeScalars)
        for length in scalars.indices {
            attempt(String(String.UnicodeScalarView(scalars[..<length])), "prefix \(length)")
        }
    }

    @Test("Filters with random bytes changed parse or are refused as invalid")
    func mutations() {
        var random = SeededGenerator.fresh()
        for _ in 0..<5_000 {
            var bytes = Array(random.pick(Self.texts).utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, &random) }
            attempt(String(decoding: bytes, as: UTF8.self), "GRANARY_SEED=\(random.seed)")
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let at = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.insert(random.pick(Array("()',\"\\-+.%0zZ ".utf8)), at: at)
        case 1: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: at)
        case 2 where at < bytes.count: bytes.remove(at: at)
        default: bytes.insert(contentsOf: bytes.prefix(at).suffix(12), at: at)
        }
    }

    /// Also goes through the JSON, the checks and both back ends, since none of them may crash either.
    private func attempt(_ text: String, _ comment: @autoclosure () -> String) {
        do {
            let filter = try Filter(parsing: text)
            #expect(throws: Never.self, "\(text.debugDescription) \(comment())") { try JSONValue(parsing: filter.json) }
            _ = try filter.matches(["a": .integer(1)])
            _ = try filter.sql(columns: FilterSchema(["a": .integer("a"), "b": .string("b"), "c": .string("c")]))
        } catch {
            #expect(error.code == .filterInvalid && !error.remedy.isEmpty, "\(text.debugDescription) \(comment())")
        }
    }
}

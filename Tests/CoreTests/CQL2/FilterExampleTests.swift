// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

@Suite struct FilterExampleTests {
    @Test(
        "Every public text example parses to the JSON expected of it",
        .enabled(if: PublicExamples.isPresent, "\(PublicExamples.missing)"), arguments: PublicExamples.names)
    func example(name: String) throws {
        let filter = try Filter(parsing: PublicExamples.text(name))
        #expect(try JSONValue(parsing: filter.json) == PublicExamples.expected(name))
    }

    @Test(
        "Every public text example parses to the JSON that OGC publishes beside it",
        .enabled(if: PublicExamples.isPresent, "\(PublicExamples.missing)"), arguments: PublicExamples.namesWithJSON)
    func publishedExample(name: String) throws {
        let filter = try Filter(parsing: PublicExamples.text(name))
        #expect(try JSONValue(parsing: filter.json) == PublicExamples.publishedJSON(name))
    }

    @Test(
        "Every expression of the abstract test suite parses",
        .enabled(if: PublicExamples.isPresent, "\(PublicExamples.missing)"), arguments: PublicExamples.suiteExpressions)
    func suiteExpression(text: String) throws {
        _ = try Filter(parsing: text)
    }

    @Test("All 120 examples were found", .enabled(if: PublicExamples.isPresent, "\(PublicExamples.missing)"))
    func count() {
        #expect(PublicExamples.names.count == 120)
        #expect(PublicExamples.suiteExpressions.count > 100)
    }
}

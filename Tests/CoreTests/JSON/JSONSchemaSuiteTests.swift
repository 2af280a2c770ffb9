// SPDX-License-Identifier: Apache-2.0
import GranaryCore
import Testing

@Suite struct JSONSchemaSuiteTests {
    static let suites = [
        PublicSuite(folder: "draft7", dialect: .draft7), PublicSuite(folder: "draft2020-12", dialect: .draft2020),
    ]

    @Test(
        "every required case of the public suite comes out as it says",
        .enabled(if: SharedData.has("json-schema"), "the public suite is not in ../shared/data/json-schema"),
        arguments: suites)
    func required(suite: PublicSuite) throws {
        let outcome = try suite.run(suite.files())
        print(
            "JSON Schema suite, \(suite.folder), required:",
            "\(outcome.passed.count) passed, \(outcome.failed.count) failed")
        #expect(outcome.passed.count > 900)
        #expect(outcome.failed == [])
    }

    @Test(
        "the optional cases come out as they say, but for those listed with a reason",
        .enabled(if: SharedData.has("json-schema"), "the public suite is not in ../shared/data/json-schema"),
        arguments: suites)
    func optional(suite: PublicSuite) throws {
        try check(suite, suite.files(in: "optional/"), formatAssertion: false)
    }

    @Test(
        "asserted formats come out as they say, but for those listed with a reason",
        .enabled(if: SharedData.has("json-schema"), "the public suite is not in ../shared/data/json-schema"),
        arguments: suites)
    func formats(suite: PublicSuite) throws {
        try check(suite, suite.files(in: "optional/format/"), formatAssertion: true)
    }

    @Test(
        "the formats listed as unknown really are",
        .enabled(if: SharedData.has("json-schema"), "the public suite is not in ../shared/data/json-schema"),
        arguments: suites, SuiteExceptions.unknownFormats)
    func unknownFormats(suite: PublicSuite, file: String) throws {
        #expect(try suite.run([file], formatAssertion: true).failed != [])
    }

    /// Fails for a case that fails and is not listed, and for one that is listed and passes.
    private func check(_ suite: PublicSuite, _ files: [String], formatAssertion: Bool) throws {
        let known = files.filter { !SuiteExceptions.unknownFormats.contains($0) }
        let outcome = try suite.run(known, formatAssertion: formatAssertion)
        let failed = Set(outcome.failed)
        print(
            "JSON Schema suite, \(suite.folder), \(formatAssertion ? "formats" : "optional"):",
            "\(outcome.passed.count) passed, \(failed.count) failed")
        #expect(failed.subtracting(SuiteExceptions.listed) == [])
        #expect(SuiteExceptions.listed.intersection(outcome.passed) == [])
    }
}

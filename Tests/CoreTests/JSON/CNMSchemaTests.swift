// SPDX-License-Identifier: Apache-2.0
import Foundation
import GranaryCore
import Testing

@Suite struct CNMSchemaTests {
    let submission: JSONSchema
    let response: JSONSchema

    init() throws {
        let document = try SharedData.own("schemas/cnm/submission-1.6.1.json")
        submission = try JSONSchema(document, formatAssertion: true)
        response = try JSONSchema(
            SharedData.own("schemas/cnm/response-1.6.1.json"), among: [document], formatAssertion: true)
    }

    private func violations(_ message: JSONValue, as schema: JSONSchema) -> [String] {
        schema.validate(message).map { "\($0.pointer) \($0.keyword)" }
    }

    @Test(
        "our own examples are valid, or are refused for exactly the reason given",
        arguments: ["submission", "response"])
    func examples(kind: String) throws {
        let schema = kind == "response" ? response : submission
        let examples = try SharedData.own("Tests/Fixtures/cnm/\(kind)-examples.json").array ?? []
        #expect(examples.count > 10)
        for example in examples {
            let expected = example["violations"]?.array?.compactMap(\.string) ?? []
            let about = example["about"]?.string ?? ""
            #expect(violations(example["message"] ?? .null, as: schema) == expected, "\(kind): \(about)")
        }
    }

    @Test(
        "every public message is valid or refused as the table says",
        .enabled(if: SharedData.has("cnm/samples"), "the public CNM messages are not in ../shared/data/cnm"))
    func samples() throws {
        for file in SharedData.files(under: "cnm/samples") where !CNMSampleExpectations.others.contains(file) {
            let message = try SharedData.json("cnm/samples/" + file)
            let found = violations(message, as: message["response"] == nil ? submission : response).map(withoutIndices)
            #expect(Set(found) == CNMSampleExpectations.violations[file], "\(file)")
        }
    }

    @Test(
        "no public message is valid for us that the convention's own schema refuses",
        .enabled(if: SharedData.has("cnm/samples"), "the public CNM messages are not in ../shared/data/cnm"))
    func stricterThanTheConvention() throws {
        let file = SharedData.root.appending(path: "cnm/validation-matrix.txt")
        let matrix = try String(contentsOf: file, encoding: .utf8)
        let lines = matrix.split(separator: "\n").dropFirst()
        let refused = zip(lines, lines.dropFirst()).filter { $1.contains(" . ]") }.map { String($0.0) }
        let ours = CNMSampleExpectations.violations
        #expect(refused.count > 20)
        #expect(refused.filter { ours[$0] == [] } == [])
    }

    private func withoutIndices(_ violation: String) -> String {
        violation.split(separator: "/", omittingEmptySubsequences: false)
            .map { part in
                let words = part.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
                guard let first = words.first, Int(first) != nil else { return String(part) }
                return (["*"] + words.dropFirst().map(String.init)).joined(separator: " ")
            }
            .joined(separator: "/")
    }
}

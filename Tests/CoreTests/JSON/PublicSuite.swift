// SPDX-License-Identifier: Apache-2.0
import GranaryCore
import Testing

/// The public JSON Schema test suite for one draft, run against `JSONSchema`.
struct PublicSuite: CustomTestStringConvertible {
    let folder: String
    let dialect: JSONSchema.Dialect

    var testDescription: String { folder }

    struct Outcome {
        var passed: [String] = []
        var failed: [String] = []
    }

    /// Documents that the suite's schemas refer to, under the address the suite gives them.
    static func remotes() throws -> [String: JSONValue] {
        var remotes: [String: JSONValue] = [:]
        for file in SharedData.files(under: "json-schema/remotes") {
            remotes["http://localhost:1234/" + file] = try SharedData.json("json-schema/remotes/" + file)
        }
        return remotes
    }

    func run(_ files: [String], formatAssertion: Bool = false) throws -> Outcome {
        let remotes = try Self.remotes()
        var outcome = Outcome()
        for file in files {
            for group in try SharedData.json("json-schema/\(folder)/\(file)").array ?? [] {
                run(group, of: file, remotes, formatAssertion, into: &outcome)
            }
        }
        return outcome
    }

    private func run(
        _ group: JSONValue, of file: String, _ remotes: [String: JSONValue], _ formatAssertion: Bool,
        into outcome: inout Outcome
    ) {
        let name = "\(file): \(group["description"]?.string ?? "")"
        let schema = Result {
            try JSONSchema(
                group["schema"] ?? true, resolving: remotes, dialect: dialect, formatAssertion: formatAssertion)
        }
        for test in group["tests"]?.array ?? [] {
            let isValid = (try? schema.get())?.isValid(test["data"] ?? .null)
            let test = (name: "\(name): \(test["description"]?.string ?? "")", isMet: isValid == test["valid"]?.boolean)
            if test.isMet { outcome.passed.append(test.name) } else { outcome.failed.append(test.name) }
        }
    }

    func files(in place: String = "") -> [String] {
        SharedData.files(under: "json-schema/\(folder)/\(place)").filter { !$0.contains("/") }.map { place + $0 }
    }
}

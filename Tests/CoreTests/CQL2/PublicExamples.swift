// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCore

/// The public CQL2 examples, which lie beside the repository, not in it.
enum PublicExamples {
    static let missing = "needs the public CQL2 examples at ../shared/data/cql2"
    static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.appending(path: "cql2.bnf").path) }

    /// The names of the examples that have a text, in order.
    static let names: [String] = list("examples/text", suffix: ".txt")
    /// Those of them that OGC also gives as JSON.
    static let namesWithJSON: [String] = list("examples/json", suffix: ".json").filter(names.contains)

    static func text(_ name: String) throws -> String {
        try read("examples/text/\(name).txt").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The JSON that cql2-rs makes of the text: the last line of its three.
    static func expected(_ name: String) throws -> JSONValue {
        let lines = try read("expected/\(name).txt.out").split(separator: "\n")
        return try JSONValue(parsing: String(lines.last ?? ""))
    }

    static func publishedJSON(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: read("examples/json/\(name).json"))
    }

    /// The expressions of the abstract test suite.
    static let suiteExpressions: [String] = ((try? read("ats/expressions.txt")) ?? "").split(separator: "\n")
        .filter { !$0.hasPrefix("#") }.compactMap { line in
            line.firstIndex(of: "|").map { String(line[$0...].dropFirst()) }
        }

    private static let folder = (1...4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        .appending(path: "../shared/data/cql2").standardizedFileURL

    private static func read(_ path: String) throws -> String {
        try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    }

    private static func list(_ path: String, suffix: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: path).path)) ?? []
        return files.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
    }
}

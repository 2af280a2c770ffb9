// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// docs/configuration.md lists the keys that the code reads: each section says whose keys it lists.
@Suite("The page of the configuration") struct ConfigurationDocTests {
    @Test("every key that is read is documented in its section, and no section documents another")
    func keys() throws {
        let (read, documented) = (try keysRead(), try keysDocumented())
        #expect(Set(read.keys) == Set(documented.keys))
        for (reader, keys) in read {
            #expect(documented[reader, default: []].symmetricDifference(keys) == [], "\(reader)")
        }
    }

    /// The keys that each type asks a `MappingReader` for.
    private func keysRead() throws -> [String: Set<String>] {
        let folder = root.appending(path: "Sources/granary/Configuration")
        var keys: [String: Set<String>] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path()) where name.hasSuffix(".swift") {
            var reader = ""
            for line in try String(contentsOf: folder.appending(path: name), encoding: .utf8).split(separator: "\n") {
                if let type = try groups(#"^extension (\w+)"#, in: line).first { reader = type }
                for key in try groups(asking, in: line) { keys[reader, default: []].insert(key) }
            }
        }
        return keys
    }

    /// The keys in the tables under each `<!-- read by NAME -->`; `settle.looks` documents both of its parts.
    private func keysDocumented() throws -> [String: Set<String>] {
        let page = try String(contentsOf: root.appending(path: "docs/configuration.md"), encoding: .utf8)
        var keys: [String: Set<String>] = [:]
        var reader: String?
        for line in page.split(separator: "\n") {
            if line.hasPrefix("#") { reader = nil }
            reader = try groups(#"<!-- read by (\w+) -->"#, in: line).first ?? reader
            guard let reader, let key = try groups(#"^\| `([a-z.\[\]-]+)` \|"#, in: line).first else { continue }
            keys[reader, default: []].formUnion(key.split { ".[]".contains($0) }.map(String.init))
        }
        return keys
    }

    private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private let asking =
        #"\b(?:text|number|truth|duration|word|parsed|mapping|list|texts|pairs|types|collectionMap|filePlace|filePlaces|messagePlace|secret)\("([a-z-]+)""#

    private func groups(_ pattern: String, in line: Substring) throws -> [String] {
        let text = String(line)
        return try NSRegularExpression(pattern: pattern).matches(in: text, range: NSRange(text.startIndex..., in: text))
            .compactMap { Range($0.range(at: 1), in: text).map { String(text[$0]) } }
    }
}

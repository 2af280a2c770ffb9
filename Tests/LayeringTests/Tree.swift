// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One text file of the project.
struct TextFile: Sendable, CustomStringConvertible {
    /// Relative to the project, as in `Sources/Core/Granule.swift`.
    let path: String
    let text: String

    var description: String { path }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The lines of code: comments, which may speak of what is not allowed, are left out.
    var code: [(number: Int, text: Substring)] {
        lines.enumerated().map { ($0 + 1, $1) }.filter { !$1.trimmingCharacters(in: .whitespaces).hasPrefix("//") }
    }

    /// `path:line` of every line of code that a pattern is found in.
    func places(of pattern: String) -> [String] {
        code.filter { $0.text.range(of: pattern, options: .regularExpression) != nil }.map { "\(path):\($0.number)" }
    }

    /// What the groups of a pattern hold, for each place where it is found.
    func matches(of pattern: String) throws -> [[String]] {
        let whole = NSRange(text.startIndex..., in: text)
        return try NSRegularExpression(pattern: pattern).matches(in: text, range: whole).map { match in
            (1..<match.numberOfRanges).compactMap { Range(match.range(at: $0), in: text).map { String(text[$0]) } }
        }
    }
}

/// The project as it lies on the disk.
enum Tree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func file(_ path: String) throws -> TextFile {
        TextFile(path: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }

    /// The files below a folder whose names end in one of the suffixes, in order.
    static func files(in folder: String, _ suffixes: String...) throws -> [TextFile] {
        let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path())?.compactMap {
            $0 as? String
        }
        return try (names ?? []).filter { name in suffixes.contains { name.hasSuffix($0) } }.sorted()
            .map { try file("\(folder)/\($0)") }
    }

    static func swift(in folder: String) throws -> [TextFile] { try files(in: folder, ".swift") }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path())
    }
}

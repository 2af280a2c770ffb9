// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Yams

/// Reads one mapping of a YAML file strictly: every key is known, every value has its kind, and every complaint names the
/// place, as in `watchers[2].settle.looks: expected 1…100, found 0`.
///
/// The reader remembers which keys were asked for; `finish` refuses the others and suggests the nearest known one.
final class MappingReader {
    let path: String
    private let mapping: Node.Mapping
    private var known: Set<String> = []

    init(_ node: Node, path: String) throws {
        guard case .mapping(let mapping) = node else {
            throw complaint(path, "expected keys and values, found \(kind(of: node))")
        }
        self.path = path
        self.mapping = mapping
        var seen: Set<String> = []
        for key in mapping.keys {
            guard let name = key.string else { throw complaint(path, "a key is not text") }
            guard seen.insert(name).inserted else { throw complaint(place(name), "it is given twice") }
        }
    }

    func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The value under a key, or nil when it is absent or empty.
    func node(_ key: String) -> Node? {
        known.insert(key)
        guard let node = mapping[Node(key)], node.null == nil || node.scalar?.style != .plain else { return nil }
        return node
    }

    func required<Value>(_ key: String, _ value: Value?) throws -> Value {
        guard let value else { throw complaint(place(key), "it is missing") }
        return value
    }

    func text(_ key: String) throws -> String? {
        guard let node = node(key) else { return nil }
        guard let text = node.scalar?.string else {
            throw complaint(place(key), "expected text, found \(kind(of: node))")
        }
        return text
    }

    func number(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = try text(key) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw complaint(place(key), "expected \(range.lowerBound)…\(range.upperBound), found \(text)")
        }
        return number
    }

    func truth(_ key: String) throws -> Bool? {
        guard let text = try text(key) else { return nil }
        guard let truth = ["true": true, "false": false][text] else {
            throw complaint(place(key), "expected true or false, found \(text)")
        }
        return truth
    }

    func duration(_ key: String) throws -> Duration? {
        guard let text = try text(key) else { return nil }
        guard let duration = Duration(spelled: text) else {
            throw complaint(place(key), "expected a time such as 250ms, 10s, 5m, 2h or 1d, found \(text)")
        }
        return duration
    }

    func word<Word: CaseIterable & RawRepresentable<String>>(_ key: String, as: Word.Type = Word.self) throws -> Word? {
        guard let text = try text(key) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue)
            throw complaint(place(key), "expected one of \(words.joined(separator: ", ")), found \(text)")
        }
        return word
    }

    /// Text parsed into something else, whose own complaint is put behind the place.
    func parsed<Value>(_ key: String, _ parse: (String) throws -> Value) throws -> Value? {
        guard let text = try text(key) else { return nil }
        do {
            return try parse(text)
        } catch let error as GranaryError {
            throw complaint(place(key), error.message, remedy: error.remedy)
        }
    }

    func mapping<Value>(_ key: String, _ read: (MappingReader) throws -> Value) throws -> Value? {
        try node(key).map { try Self.whole($0, path: place(key), read) }
    }

    func list<Value>(_ key: String, _ read: (MappingReader) throws -> Value) throws -> [Value] {
        try nodes(key).enumerated().map { try Self.whole($1, path: "\(place(key))[\($0)]", read) }
    }

    func texts(_ key: String) throws -> [String]? {
        guard node(key) != nil else { return nil }
        return try nodes(key).enumerated().map { index, node in
            guard let text = node.scalar?.string else {
                throw complaint("\(place(key))[\(index)]", "expected text, found \(kind(of: node))")
            }
            return text
        }
    }

    /// Every key with its text, for mappings whose keys are the user's own.
    func pairs(_ key: String) throws -> [(String, Node)] {
        guard let node = node(key) else { return [] }
        guard case .mapping(let mapping) = node else {
            throw complaint(place(key), "expected keys and values, found \(kind(of: node))")
        }
        return mapping.map { ($0.key.string ?? "", $0.value) }
    }

    /// Reads a mapping and refuses what was not asked for.
    static func whole<Value>(_ node: Node, path: String, _ read: (MappingReader) throws -> Value) throws -> Value {
        let reader = try MappingReader(node, path: path)
        let value = try read(reader)
        try reader.finish()
        return value
    }

    func nodes(_ key: String) throws -> [Node] {
        guard let node = node(key) else { return [] }
        guard case .sequence(let sequence) = node else {
            throw complaint(place(key), "expected a list, found \(kind(of: node))")
        }
        return Array(sequence)
    }

    private func finish() throws {
        for key in mapping.keys.compactMap(\.string) where !known.contains(key) {
            let nearest = Suggestion.nearest(to: key, among: known.sorted()).map { "; did you mean \($0)?" } ?? ""
            throw complaint(place(key), "no such key\(nearest)")
        }
    }
}

/// A complaint about the configuration, with the place in front.
func complaint(
    _ place: String, _ what: String, remedy: String = "Correct granary.yaml; docs/configuration.md lists every key."
) -> GranaryError {
    GranaryError(
        .configurationInvalid, "\(place.isEmpty ? "granary.yaml" : place): \(what)", subject: place, remedy: remedy)
}

private func kind(of node: Node) -> String {
    switch node {
    case .mapping: "keys and values"
    case .sequence: "a list"
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "“\(scalar.string)”"
    case .alias: "an alias"
    }
}

extension Duration {
    /// `250ms`, `10s`, `5m`, `2h`, `1d`; a bare number means seconds.
    init?(spelled text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [Substring: Duration] = [
            "ms": .milliseconds(1), "s": .seconds(1), "": .seconds(1), "m": .seconds(60), "h": .seconds(3600),
            "d": .seconds(86_400),
        ]
        guard let count = Int64(digits), count <= 1_000_000_000, let unit = units[text.dropFirst(digits.count)] else {
            return nil
        }
        self = unit * Int(count)
    }
}

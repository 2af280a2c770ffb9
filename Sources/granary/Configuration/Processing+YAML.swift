// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryProcessing
import Yams

extension Process {
    init(_ reader: MappingReader) throws {
        let id = try reader.required("id", reader.text("id"))
        let command = try reader.required("command", reader.texts("command"))
        let standard = Process(id: id, command: command)
        let retry = try reader.mapping("retry") { reader in
            RetryPolicy(
                attempts: try reader.number("attempts", in: 1...100) ?? standard.retry.attempts,
                first: try reader.duration("first") ?? standard.retry.first,
                longest: try reader.duration("longest") ?? standard.retry.longest)
        }
        self.init(
            id: id, version: try reader.text("version") ?? standard.version, title: try reader.text("title") ?? "",
            summary: try reader.text("summary") ?? "", command: command,
            environment: Dictionary(
                try reader.pairs("environment").map { ($0, $1.scalar?.string ?? "") }, uniquingKeysWith: { first, _ in first }),
            softLimit: try reader.duration("soft-limit") ?? standard.softLimit, hardLimit: try reader.duration("hard-limit"),
            retry: retry ?? standard.retry,
            retried: try reader.texts("retry-on").map { try Self.failures($0, reader) } ?? standard.retried,
            outputs: try reader.list("outputs") { try CollectionID($0) })
        if let fault = validate().first { throw complaint(reader.path, fault) }
    }

    private static func failures(_ words: [String], _ reader: MappingReader) throws -> Set<FailureClass> {
        Set(try words.map { word in
            guard let failure = FailureClass(rawValue: word) else {
                let known = FailureClass.allCases.map(\.rawValue).joined(separator: ", ")
                throw complaint(reader.place("retry-on"), "expected \(known), found \(word)")
            }
            return failure
        })
    }
}

extension CollectionID {
    init(_ reader: MappingReader) throws {
        self.init(
            name: try reader.required("name", reader.text("name")),
            version: try reader.required("version", reader.text("version")))
    }
}

extension Rule {
    init(_ reader: MappingReader) throws {
        self.init(
            name: try reader.required("name", reader.text("name")), version: try reader.text("version") ?? "1",
            on: try reader.word("on") ?? .granuleArchived, filter: try reader.parsed("filter", Filter.init(parsing:)),
            process: try reader.required("process", reader.text("process")),
            parameters: JSONObject(try reader.pairs("parameters").map { ($0, JSONValue($1)) }),
            priority: try reader.number("priority", in: -100...100) ?? 0, enabled: try reader.truth("enabled") ?? true)
        if let fault = validate().first { throw complaint(reader.path, fault) }
    }
}

extension JSONValue {
    /// What YAML writes, as JSON: numbers and truth where they are written plainly, text otherwise.
    fileprivate init(_ node: Node) {
        switch node {
        case .sequence(let list): self = .array(list.map(JSONValue.init))
        case .mapping(let mapping): self = .object(JSONObject(mapping.map { ($0.key.string ?? "", JSONValue($0.value)) }))
        case .scalar(let scalar) where scalar.style == .plain:
            self = node.null.map { _ in .null } ?? node.bool.map { .boolean($0) } ?? node.int.map { .integer(Int64($0)) }
                ?? node.float.map { .number($0) } ?? .string(scalar.string)
        case .scalar(let scalar): self = .string(scalar.string)
        case .alias: self = .null
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// One row of an answer, by column name.
///
/// The typed accessors throw `catalog.failed` when the column does not hold what the schema promises: that is damage or
/// a defect, never input.
public struct SQLRow: Sendable {
    private let columns: Columns
    public let values: [SQLValue]

    /// The names of one statement's columns, shared by all its rows.
    public final class Columns: Sendable {
        public let names: [String]
        fileprivate let positions: [String: Int]

        public init(_ names: [String]) {
            self.names = names
            positions = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    public init(columns: Columns, values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    public var names: [String] { columns.names }

    /// The raw value; nil when the statement has no such column.
    public subscript(_ name: String) -> SQLValue? { columns.positions[name].map { values[$0] } }

    public func int64(_ name: String) throws -> Int64 { try required(name, optionalInt64(name)) }
    public func int(_ name: String) throws -> Int { Int(try int64(name)) }
    public func text(_ name: String) throws -> String { try required(name, optionalText(name)) }
    public func bytes(_ name: String) throws -> [UInt8] { try required(name, optionalBytes(name)) }
    public func path(_ name: String) throws -> BytePath { BytePath(try bytes(name)) }
    public func time(_ name: String) throws -> Timestamp { try required(name, optionalTime(name)) }
    public func word<Word: RawRepresentable<String>>(_ name: String, as: Word.Type = Word.self) throws -> Word {
        try required(name, optionalWord(name))
    }

    public func optionalInt64(_ name: String) throws -> Int64? {
        switch self[name] {
        case .integer(let number): number
        case .null: nil
        default: throw mismatch(name)
        }
    }

    public func optionalText(_ name: String) throws -> String? {
        switch self[name] {
        case .text(let text): text
        case .null: nil
        default: throw mismatch(name)
        }
    }

    public func optionalBytes(_ name: String) throws -> [UInt8]? {
        switch self[name] {
        case .bytes(let bytes): bytes
        case .null: nil
        default: throw mismatch(name)
        }
    }

    public func optionalTime(_ name: String) throws -> Timestamp? {
        try optionalInt64(name).map(Timestamp.init(microseconds:))
    }

    public func optionalWord<Word: RawRepresentable<String>>(_ name: String, as: Word.Type = Word.self) throws -> Word?
    {
        guard let text = try optionalText(name) else { return nil }
        guard let word = Word(rawValue: text) else { throw mismatch(name) }
        return word
    }

    private func required<Value>(_ name: String, _ value: Value?) throws -> Value {
        guard let value else { throw mismatch(name) }
        return value
    }

    private func mismatch(_ name: String) -> GranaryError {
        GranaryError(
            .catalogFailed,
            "Column \(name) holds \(self[name].map { "\($0)" } ?? "nothing"), which its schema does not allow.",
            subject: name,
            remedy: "Run `granary check catalog`; restore the catalog from a backup if it reports damage.")
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
internal import GranaryCatalog

/// What one row of a report is about. Two keys are equal when their bytes are.
public struct RowKey: Sendable, Hashable {
    public enum Scope: String, Sendable, Hashable, CaseIterable {
        case collection
        /// What belongs to no collection yet.
        case unassigned
        case day
        /// What has not reached the milestone that is the report's clock.
        case undated
        case source, destination, total
    }

    public let scope: Scope
    /// Kept as bytes: Swift would call two spellings of one name equal.
    private let first: BytePath
    private let second: BytePath

    private init(_ scope: Scope, _ first: String = "", _ second: String = "") {
        self.scope = scope
        (self.first, self.second) = (BytePath(first), BytePath(second))
    }

    public static let total = RowKey(.total)
    public static let unassigned = RowKey(.unassigned)
    public static let undated = RowKey(.undated)
    public static func collection(_ id: CollectionID) -> RowKey { RowKey(.collection, id.name, id.version) }
    public static func source(_ name: String) -> RowKey { RowKey(.source, name) }
    public static func destination(_ name: String) -> RowKey { RowKey(.destination, name) }
    /// The UTC day that holds the moment.
    public static func day(_ moment: Timestamp) -> RowKey { RowKey(.day, String(moment.description.prefix(10))) }

    /// The row's name in every format.
    public var name: String {
        switch scope {
        case .total: "(total)"
        case .unassigned: "(no collection)"
        case .undated: "(not reached)"
        case .collection: "\(text(first)).\(text(second))"
        case .source, .destination, .day: text(first)
        }
    }

    /// Reads the columns `key1` and `key2` of a query grouped by an axis.
    init(_ axis: CountAxis, _ row: SQLRow) throws {
        switch axis {
        case .collection:
            let name = try row.optionalText("key1")
            self = try name.map { RowKey(.collection, $0, try row.optionalText("key2") ?? "") } ?? .unassigned
        case .day: self = try row.optionalTime("key1").map(RowKey.day) ?? .undated
        case .source: self = .source(try row.text("key1"))
        case .destination: self = .destination(try row.text("key1"))
        case .total: self = .total
        }
    }

    /// The values that `key1` and `key2` have for this row.
    var values: [SQLValue] {
        switch scope {
        case .total, .unassigned, .undated: [.null, .null]
        case .collection: [.text(text(first)), .text(text(second))]
        case .day: [Timestamp(parsing: text(first)).map(\.sql) ?? .null, .null]
        case .source, .destination: [.text(text(first)), .null]
        }
    }

    /// The axis whose rows include this one.
    var axis: CountAxis {
        switch scope {
        case .collection, .unassigned: .collection
        case .day, .undated: .day
        case .source: .source
        case .destination: .destination
        case .total: .total
        }
    }

    private func text(_ bytes: BytePath) -> String { bytes.text ?? bytes.description }
}

extension RowKey: Comparable {
    /// The order of rows in a report: by kind, totals last, then by the bytes of the name.
    public static func < (left: RowKey, right: RowKey) -> Bool {
        guard left.scope == right.scope else { return left.rank < right.rank }
        return left.first == right.first ? left.second < right.second : left.first < right.first
    }

    private var rank: Int { Scope.allCases.firstIndex(of: scope) ?? 0 }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// How the rows behind a number are shown; the first field is the row's id.
struct Listing: Sendable {
    struct Field: Sendable {
        enum Kind { case text, path, integer, bytes, time }
        var name: String
        var kind: Kind
        var sql: String
    }
    var fields: [Field]

    var select: String { fields.map { "\($0.sql) AS \($0.name)" }.joined(separator: ", ") }

    var columns: [Table.Column] {
        fields.map { $0.kind == .integer || $0.kind == .bytes ? .number($0.name) : .text($0.name) }
    }

    func cells(_ row: SQLRow) throws -> [Cell] { try fields.map { try $0.cell(row) } }
}

extension Listing.Field {
    static func text(_ name: String, _ sql: String) -> Self { Self(name: name, kind: .text, sql: sql) }
    static func path(_ name: String, _ sql: String) -> Self { Self(name: name, kind: .path, sql: sql) }
    static func integer(_ name: String, _ sql: String) -> Self { Self(name: name, kind: .integer, sql: sql) }
    static func bytes(_ name: String, _ sql: String) -> Self { Self(name: name, kind: .bytes, sql: sql) }
    static func time(_ name: String, _ sql: String) -> Self { Self(name: name, kind: .time, sql: sql) }

    fileprivate func cell(_ row: SQLRow) throws -> Cell {
        switch kind {
        case .text: try row.optionalText(name).map { .text($0) } ?? .none
        case .path: try row.optionalBytes(name).map { .path(BytePath($0)) } ?? .none
        case .integer: try row.optionalInt64(name).map { .integer($0) } ?? .none
        case .bytes: try row.optionalInt64(name).map { .bytes($0) } ?? .none
        case .time: try row.optionalTime(name).map { .time($0) } ?? .none
        }
    }
}

extension Listing {
    static func of(_ count: Count) -> Listing {
        switch count.from {
        case "arrival a": arrivals
        case "promise p": promises
        case "submission s": submissions
        default: granules
        }
    }

    private static let arrivals = Listing(fields: [
        .integer("id", "a.id"), .text("source", "a.source"), .path("path", "a.path"),
        .text("collection", "COALESCE(g.collection, a.collection)"),
        .text("version", "COALESCE(g.version, a.version)"), .text("granule", "COALESCE(g.name, a.granule)"),
        .text("state", "a.state"), .bytes("size", "a.size"), .time("observed_at", "a.observed_at"),
        .text("reason_code", "a.reason_code"), .text("reason", "a.reason"), .text("remedy", "a.remedy"),
    ])

    private static let promises = Listing(fields: [
        .integer("id", "p.id"), .text("source", "p.source"), .path("path", "p.path"), .text("checksum", "p.checksum"),
        .path("manifest", "p.manifest"), .time("promised_at", "p.promised_at"),
    ])

    private static let granules = Listing(fields: [
        .integer("id", "g.id"), .text("collection", "g.collection"), .text("version", "g.version"),
        .text("name", "g.name"), .integer("revision", "g.revision"), .text("state", "g.state"),
        .text("missing", "g.missing"), .time("observed_at", "g.observed_at"), .time("deadline_at", "g.deadline_at"),
        .time("archived_at", "g.archived_at"), .text("reason_code", "g.reason_code"), .text("reason", "g.reason"),
    ])
}

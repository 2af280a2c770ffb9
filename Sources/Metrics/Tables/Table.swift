// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// Rows under named columns: what every list command and every report is made of.
///
/// ```swift
/// var table = Table([.integer("id"), .text("name"), .bytes("size")])
/// table.append([.integer(7), .path(file.name), .bytes(file.size)])
/// print(try table.selecting(["id", "size"]).rendered(as: .csv), terminator: "")
/// ```
public struct Table: Sendable, Hashable {
    /// A column: its name in machine formats, its heading for people.
    public struct Column: Sendable, Hashable {
        public enum Alignment: Sendable, Hashable { case leading, trailing }
        /// The stable word of `--fields`, of CSV headers and of JSON members: `files_archived`.
        public var name: String
        public var heading: String
        public var alignment: Alignment

        public init(_ name: String, heading: String? = nil, alignment: Alignment) {
            self.name = name
            self.heading = heading ?? name.split(separator: "_").joined(separator: " ")
            self.alignment = alignment
        }

        public static func text(_ name: String, heading: String? = nil) -> Column {
            Column(name, heading: heading, alignment: .leading)
        }
        public static func time(_ name: String, heading: String? = nil) -> Column { .text(name, heading: heading) }
        /// Whole numbers, volumes, durations and shares: whatever is compared by its last digit.
        public static func number(_ name: String, heading: String? = nil) -> Column {
            Column(name, heading: heading, alignment: .trailing)
        }
    }

    public private(set) var columns: [Column]
    public private(set) var rows: [[Cell]]

    /// Every row must have one cell for each column.
    public init(_ columns: [Column], rows: [[Cell]] = []) {
        precondition(rows.allSatisfy { $0.count == columns.count }, "a row needs one cell for each column")
        self.columns = columns
        self.rows = rows
    }

    /// Adds a row, which must have one cell for each column.
    public mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count, "a row needs one cell for each column")
        rows.append(row)
    }

    /// The named columns in the named order; throws `input.invalid`, naming those that there are, when one is unknown.
    public func selecting(_ fields: [String]) throws -> Table {
        let places = try fields.map { field in
            guard let place = columns.firstIndex(where: { $0.name == field }) else { throw unknown(field) }
            return place
        }
        return Table(places.map { columns[$0] }, rows: rows.map { row in places.map { row[$0] } })
    }

    /// The table in one of the formats, each line ended; the same table gives the same bytes every time.
    public func rendered(as format: OutputFormat) -> String {
        switch format {
        case .table: aligned
        case .json: JSONValue.array(records).text(pretty: true) + "\n"
        case .jsonl: records.map { $0.text + "\n" }.joined()
        case .csv: commaSeparated
        }
    }

    /// Each row as a JSON object with a member for each column.
    public var records: [JSONValue] {
        rows.map { row in .object(JSONObject(zip(columns, row).map { ($0.name, $1.json) })) }
    }

    private func unknown(_ field: String) -> GranaryError {
        GranaryError(
            .invalid, "There is no field \(BytePath(field)) here.", subject: field,
            remedy: "Choose from: \(columns.map(\.name).joined(separator: ", ")).")
    }
}

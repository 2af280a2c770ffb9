// SPDX-License-Identifier: Apache-2.0

/// The type of a property.
public enum FilterType: Sendable, Hashable {
    case string, integer, number, boolean
    case timestamp
    case interval
    case box

    var isNumeric: Bool { self == .integer || self == .number }

    /// The type as a message names it.
    var words: String {
        switch self {
        case .string: "a text"
        case .integer: "an integer"
        case .number: "a number"
        case .boolean: "true or false"
        case .timestamp: "a time"
        case .interval: "an interval of time"
        case .box: "a bounding box"
        }
    }
}

/// The properties that filters over one kind of thing may name: their types and, for SQL, the columns that hold them.
public struct FilterSchema: Sendable {
    /// One property: its type, and where SQL finds it.
    public struct Property: Sendable, Hashable {
        /// What its values are compared as.
        public let type: FilterType
        let columns: [FilterPart: String]

        /// A property that exists in memory only: `Filter.sql(columns:)` refuses it.
        public static func inMemory(_ type: FilterType) -> Property { Property(type: type, columns: [:]) }

        /// A column of text. Here and below, a column is any SQL expression over the tables of the query, and is trusted.
        public static func string(_ column: String) -> Property { whole(.string, column) }
        /// A column of 64-bit integers.
        public static func integer(_ column: String) -> Property { whole(.integer, column) }
        /// A column of double precision numbers.
        public static func number(_ column: String) -> Property { whole(.number, column) }
        /// A column of integers, 0 or 1.
        public static func boolean(_ column: String) -> Property { whole(.boolean, column) }
        /// A column of integers, microseconds since 1970-01-01T00:00:00Z.
        public static func timestamp(_ column: String) -> Property {
            Property(type: .timestamp, columns: [.whole: column, .start: column, .end: column])
        }
        /// Two columns like a timestamp's; the interval contains its start and not its end.
        public static func interval(start: String, end: String) -> Property {
            Property(type: .interval, columns: [.start: start, .end: end])
        }
        /// Four columns of degrees, null together; west is greater than east across the antimeridian.
        public static func box(west: String, south: String, east: String, north: String) -> Property {
            Property(type: .box, columns: [.west: west, .south: south, .east: east, .north: north])
        }

        private static func whole(_ type: FilterType, _ column: String) -> Property {
            Property(type: type, columns: [.whole: column])
        }
    }

    /// The properties by the names that filters use.
    public let properties: [String: Property]

    public init(_ properties: [String: Property]) {
        self.properties = properties
    }

    /// The property of that name; throws `filter.invalid` naming it, and the nearest known name, when there is none.
    public func property(_ name: String) throws(GranaryError) -> Property {
        if let property = properties[name] { return property }
        let known = properties.keys.sorted()
        let remedy =
            Suggestion.nearest(to: name, among: known).map { "Did you mean “\($0)”?" }
            ?? (known.isEmpty
                ? "No properties are known here." : "Known properties are \(known.joined(separator: ", ")).")
        throw FilterFault.meaning("There is no property “\(name)” to filter by.", remedy: remedy)
    }
}

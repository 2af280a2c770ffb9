// SPDX-License-Identifier: Apache-2.0

/// A filter as an SQL condition: text with `?` placeholders, and the arguments to bind, in order.
///
/// The text is in the common subset of SQLite and PostgreSQL. For both to mean what `Filter.matches` means, the driver
/// must see to these:
/// - SQLite: `PRAGMA case_sensitive_like = ON` on every connection, since LIKE ignores ASCII case by default. Texts
///   compare by their bytes already (collation `BINARY`).
/// - PostgreSQL: collation `C` for the columns that filters name (or the whole database), so that texts compare by bytes
///   and `lower` folds ASCII only; `standard_conforming_strings` on, as it is by default; `?` rewritten as `$1`…; each
///   argument bound with its own type (`text`, `int8`, `float8`), since an untyped one takes the other side's.
///
/// Booleans are integers, 0 and 1; times are integers, microseconds since 1970-01-01T00:00:00Z.
public struct FilterSQL: Sendable, Equatable {
    public enum Argument: Sendable, Hashable {
        case text(String)
        case integer(Int64)
        case number(Double)
    }

    /// Safe to stand in parentheses in a WHERE clause, beside other conditions.
    public let text: String
    public let arguments: [Argument]

    init(_ condition: FilterCondition, columns schema: FilterSchema) throws(GranaryError) {
        var writer = Writer(schema: schema)
        text = try writer.text(condition)
        arguments = writer.arguments
        guard arguments.count <= Self.argumentLimit else {
            throw FilterFault.meaning(
                "The filter has \(arguments.count) values; the limit is \(Self.argumentLimit).",
                remedy: "Give long lists of identifiers as a list instead.")
        }
    }

    /// Under SQLite's default of 32,766 variables in a statement, with room for the rest of the query.
    static let argumentLimit = 30_000
}

extension FilterSQL {
    private struct Writer {
        let schema: FilterSchema
        var arguments: [Argument] = []

        mutating func text(_ condition: FilterCondition) throws(GranaryError) -> String {
            switch condition {
            case .constant(let value): value ? "(1 = 1)" : "(1 = 0)"
            case .compare(let comparison, let left, let right):
                "(\(try term(left)) \(comparison.rawValue) \(try term(right)))"
            case .like(let text, let pattern): "(\(try term(text)) LIKE \(try term(pattern)) ESCAPE '\\')"
            case .among(let value, let list): try among(value, list)
            case .isNull(let value): try isNull(value)
            case .isUnknown(let inner): "(\(try text(inner)) IS NULL)"
            case .all(let conditions): Self.balanced(try texts(conditions)[...], " AND ")
            case .any(let conditions): Self.balanced(try texts(conditions)[...], " OR ")
            case .not(let inner): "(NOT \(try text(inner)))"
            }
        }

        private mutating func texts(_ conditions: [FilterCondition]) throws(GranaryError) -> [String] {
            var texts: [String] = []
            for condition in conditions { texts.append(try text(condition)) }
            return texts
        }

        /// Joined in halves, since SQLite counts a chain of ANDs as so many levels and allows a thousand.
        private static func balanced(_ texts: ArraySlice<String>, _ separator: String) -> String {
            guard texts.count > 16 else { return "(" + texts.joined(separator: separator) + ")" }
            let middle = texts.startIndex + texts.count / 2
            return "(\(balanced(texts[..<middle], separator))\(separator)\(balanced(texts[middle...], separator)))"
        }

        private mutating func among(_ value: FilterTerm, _ list: [FilterTerm]) throws(GranaryError) -> String {
            let value = try term(value)
            var elements: [String] = []
            for element in list { elements.append(try term(element)) }
            return "(\(value) IN (\(elements.joined(separator: ", "))))"
        }

        /// An interval is null when both its ends are, a box when its first column is: the four are null together.
        private mutating func isNull(_ value: FilterTerm) throws(GranaryError) -> String {
            guard case .property(let name, .whole) = value else { return "(\(try term(value)) IS NULL)" }
            return switch try schema.property(name).type {
            case .interval:
                "(\(try column(name, .start)) IS NULL AND \(try column(name, .end)) IS NULL)"
            case .box: "(\(try column(name, .west)) IS NULL)"
            case .string, .integer, .number, .boolean, .timestamp: "(\(try column(name, .whole)) IS NULL)"
            }
        }

        private mutating func term(_ term: FilterTerm) throws(GranaryError) -> String {
            switch term {
            case .property(let name, let part): return try column(name, part)
            case .constant(let value):
                arguments.append(try argument(value))
                return "?"
            case .folded(let text): return "lower(\(try self.term(text)))"
            case .arithmetic(let symbol, let left, let right):
                return arithmetic(symbol, try self.term(left), try self.term(right))
            }
        }

        private func column(_ name: String, _ part: FilterPart) throws(GranaryError) -> String {
            guard let column = try schema.property(name).columns[part] else {
                throw FilterFault.meaning(
                    "The property “\(name)” is not kept in the catalog, so it cannot select from it.",
                    remedy: "Use it where things are filtered as they happen, or leave it out here.")
            }
            return column
        }

        /// `/` is real even between integers; dividing by zero gives null, where PostgreSQL would fail the query.
        private func arithmetic(_ symbol: Filter.Arithmetic, _ left: String, _ right: String) -> String {
            switch symbol {
            case .divide: "(CAST(\(left) AS DOUBLE PRECISION) / NULLIF(\(right), 0))"
            case .integerDivide: "(\(left) / NULLIF(\(right), 0))"
            case .remainder: "(\(left) % NULLIF(\(right), 0))"
            case .plus, .minus, .times, .power: "(\(left) \(symbol.rawValue) \(right))"
            }
        }

        private func argument(_ value: FilterValue) throws(GranaryError) -> Argument {
            switch value {
            case .string(let text): .text(text)
            case .integer(let value), .timestamp(let value): .integer(value)
            case .number(let value): .number(value)
            case .boolean(let value): .integer(value ? 1 : 0)
            case .interval, .box: throw FilterLowering.unsupported("\(value) as a single value")
            }
        }
    }
}

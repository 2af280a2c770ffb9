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
    /// A value to bind.
    public enum Argument: Sendable, Hashable {
        case text(String)
        case integer(Int64)
        case number(Double)
    }

    /// Safe to stand in parentheses in a WHERE clause, beside other conditions.
    public let text: String
    /// One for each `?`, in order.
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
    /// SQLite's parser keeps a hundred symbols. A condition's parenthesis takes four at most (`(a AND NOT (`) and a
    /// value's seven (`a - b / NULLIF(`), so these leave seventeen for the query around.
    static let conditionNestingLimit = 12
    static let valueNestingLimit = 5
}

extension FilterSQL {
    private struct Writer {
        let schema: FilterSchema
        var arguments: [Argument] = []
        private var conditionNesting = 0
        private var valueNesting = 0

        init(schema: FilterSchema) {
            self.schema = schema
        }

        mutating func text(_ condition: FilterCondition) throws(GranaryError) -> String {
            switch condition {
            case .not(.not(let inner)): try text(inner)
            case .not(let inner): "NOT \(try text(inner))"
            // Unknown is unknown also when negated, and `NOT x IS NULL` would negate the wrong thing.
            case .isUnknown(.not(let inner)): try text(.isUnknown(inner))
            case .all(let conditions): try chain(conditions, " AND ")
            case .any(let conditions): try chain(conditions, " OR ")
            case .isUnknown(let inner):
                try nested { (writer) throws(GranaryError) in "(\(try writer.text(inner)) IS NULL)" }
            case .constant(let value): value ? "(1 = 1)" : "(1 = 0)"
            case .compare(let comparison, let left, let right):
                "(\(try term(left)) \(comparison.rawValue) \(try term(right)))"
            case .like(let text, let pattern): "(\(try term(text)) LIKE \(try term(pattern)) ESCAPE '\\')"
            case .among(let value, let list): try among(value, list)
            case .isNull(let value): try isNull(value)
            }
        }

        private mutating func nested(
            levels: Int = 1, _ write: (inout Writer) throws(GranaryError) -> String
        ) throws(GranaryError) -> String {
            conditionNesting += levels
            defer { conditionNesting -= levels }
            guard conditionNesting < FilterSQL.conditionNestingLimit else { throw Self.tooDeep }
            return try write(&self)
        }

        /// In groups of groups, since SQLite counts a chain of ANDs as so many levels and allows a thousand.
        private mutating func chain(_ conditions: [FilterCondition], _ separator: String) throws(GranaryError) -> String
        {
            let width = 32
            let levels = sequence(first: conditions.count) { $0 > width ? ($0 + width - 1) / width : nil }.reduce(0) {
                count, _ in count + 1
            }
            return try nested(levels: levels) { (writer) throws(GranaryError) in
                var texts: [String] = []
                for condition in conditions { texts.append(try writer.text(condition)) }
                repeat {
                    texts = stride(from: 0, to: texts.count, by: width).map { start in
                        "(" + texts[start..<min(start + width, texts.count)].joined(separator: separator) + ")"
                    }
                } while texts.count > 1
                return texts.joined()
            }
        }

        private static let tooDeep = FilterFault.meaning(
            "The filter is nested too deeply for a query.",
            remedy: "Write it with fewer parentheses within parentheses.")

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
            case .folded(let text): return "lower(\(try enclosed(text)))"
            case .arithmetic(let symbol, let left, let right):
                return try arithmetic(symbol, left, right)
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
        private mutating func arithmetic(
            _ symbol: Filter.Arithmetic, _ left: FilterTerm, _ right: FilterTerm
        ) throws(GranaryError) -> String {
            switch symbol {
            case .divide: "\(try real(left)) / NULLIF(\(try enclosed(right)), 0)"
            case .integerDivide: "\(try operand(left, symbol.precedence)) / NULLIF(\(try enclosed(right)), 0)"
            case .remainder: "\(try operand(left, symbol.precedence)) % NULLIF(\(try enclosed(right)), 0)"
            case .plus, .minus, .times, .power:
                "\(try operand(left, symbol.precedence)) \(symbol.rawValue) \(try operand(right, symbol.precedence + 1))"
            }
        }

        /// As a real number, which a quotient is already.
        private mutating func real(_ term: FilterTerm) throws(GranaryError) -> String {
            if case .arithmetic(.divide, _, _) = term { return try self.term(term) }
            return "CAST(\(try enclosed(term)) AS DOUBLE PRECISION)"
        }

        /// In parentheses when it binds less than `precedence`: a long sum must not nest.
        private mutating func operand(_ term: FilterTerm, _ precedence: Int) throws(GranaryError) -> String {
            guard case .arithmetic(let symbol, _, _) = term, symbol.precedence < precedence else {
                return try self.term(term)
            }
            return "(\(try enclosed(term)))"
        }

        /// A value that stands in parentheses of some kind.
        private mutating func enclosed(_ term: FilterTerm) throws(GranaryError) -> String {
            valueNesting += 1
            defer { valueNesting -= 1 }
            guard valueNesting <= FilterSQL.valueNestingLimit else { throw Self.tooDeep }
            return try self.term(term)
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

extension Filter.Arithmetic {
    fileprivate var precedence: Int { self == .plus || self == .minus ? 1 : 2 }
}

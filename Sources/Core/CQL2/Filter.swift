// SPDX-License-Identifier: Apache-2.0

/// A condition on the properties of a thing (a granule, a job, an event), written in CQL2 text (OGC 21-065r2).
///
/// The whole text grammar parses; `check(against:)` says whether Granary can carry the filter out. There are two back
/// ends, evaluation in memory (`matches`) and SQL (`sql(columns:)`), and both work from one lowered form, so that they
/// agree. Logic is SQL's: a missing property makes a comparison unknown, and unknown does not match.
///
/// What the standard leaves open, Granary settles so:
/// - Text compares by its UTF-8 bytes; CASEI folds the ASCII letters only.
/// - A DATE is the whole UTC day: `t = DATE('2024-05-01')` holds all day, `t <= DATE(…)` includes the day.
/// - Intervals are half-open, `[start, end)`; a date that ends an interval belongs to it.
/// - `/` divides as real numbers, `div` and `%` take integers; division by zero is null.
/// - BETWEEN takes times and texts as well as numbers.
public struct Filter: Sendable {
    /// The longest filter text, in UTF-8 bytes: far above any filter written by hand.
    public static let textLimit = 64 * 1024
    /// The deepest nesting of parentheses, NOT and function calls.
    public static let depthLimit = 64
    /// The most arithmetic operators in one filter: they nest without parentheses, so depth alone does not bound them.
    public static let arithmeticLimit = 256

    /// The filter as it was written.
    public let text: String
    /// The parsed form.
    public let expression: Expression
    private let lowered: Result<FilterCondition, GranaryError>

    /// Parses `text`.
    ///
    /// Throws `filter.invalid` with line and column, what was found there and what was expected, when the text is not
    /// CQL2 or exceeds a limit above.
    public init(parsing text: String) throws(GranaryError) {
        self.text = text
        expression = try FilterParser.parse(text)
        do {
            lowered = .success(try FilterLowering.condition(expression))
        } catch {
            lowered = .failure(error)
        }
    }

    /// The CQL2-JSON form (OGC 21-065r2, clause 8), members in a fixed order and without white space.
    public var json: String { expression.json.text }

    /// Whether the thing that `properties` describe satisfies the filter.
    ///
    /// A property of another type than the filter expects makes the comparison unknown. Throws `filter.invalid` when the
    /// filter uses what Granary does not support: `check(against:)` finds that out before the first thing arrives.
    public func matches(_ properties: some FilterProperties) throws(GranaryError) -> Bool {
        try lowered.get().truth(properties) == true
    }

    /// Throws `filter.invalid` when the filter names a property that `schema` lacks, compares what cannot be compared,
    /// or uses what Granary does not support.
    public func check(against schema: FilterSchema) throws(GranaryError) {
        _ = try lowered.get()
        try FilterTypeCheck(schema: schema).check(condition: expression)
    }

    /// The filter as an SQL condition with bound arguments, for SQLite and PostgreSQL alike; see `FilterSQL` for what
    /// the driver must provide. Throws as `check(against:)` does, and for properties that have no column.
    public func sql(columns schema: FilterSchema) throws(GranaryError) -> FilterSQL {
        try check(against: schema)
        return try FilterSQL(lowered.get(), columns: schema)
    }
}

extension Filter: Hashable {
    public static func == (left: Filter, right: Filter) -> Bool { left.expression == right.expression }
    public func hash(into hasher: inout Hasher) { hasher.combine(expression) }
}

extension Filter: CustomStringConvertible {
    public var description: String { text }
}

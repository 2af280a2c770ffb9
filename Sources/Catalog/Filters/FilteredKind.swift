// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// One property that filters over a kind of thing may name: how it is called, where SQL finds it, and what it is in
/// memory.
struct FilterableProperty<Thing>: Sendable {
    let name: String
    let property: FilterSchema.Property
    let value: @Sendable (Thing) -> FilterValue?

    init(
        _ name: String, _ property: FilterSchema.Property, _ value: @escaping @Sendable (Thing) -> FilterValue?
    ) {
        self.name = name
        self.property = property
        self.value = value
    }
}

/// The properties of one kind of thing, in one table for both back ends, so that a name means the same in a rule and on
/// the command line.
struct FilterTable<Thing>: Sendable {
    let schema: FilterSchema
    private let values: [String: @Sendable (Thing) -> FilterValue?]

    init(_ properties: [FilterableProperty<Thing>]) {
        schema = FilterSchema(
            Dictionary(properties.map { ($0.name, $0.property) }, uniquingKeysWith: { first, _ in first }))
        values = Dictionary(properties.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    func value(of property: String, in thing: Thing) -> FilterValue? { values[property].flatMap { $0(thing) } }
}

extension FilterValue {
    static func word(_ word: (some RawRepresentable<String>)?) -> FilterValue? { word.map { .string($0.rawValue) } }
    static func text(_ text: String?) -> FilterValue? { text.map(FilterValue.string) }
    static func time(_ moment: Timestamp?) -> FilterValue? { moment.map { .timestamp($0.microseconds) } }
}

extension FilterSQL.Argument: SQLConvertible {
    public var sql: SQLValue {
        switch self {
        case .text(let text): .text(text)
        case .integer(let number): .integer(number)
        case .number(let number): .real(number)
        }
    }
}

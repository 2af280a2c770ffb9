// SPDX-License-Identifier: Apache-2.0

/// What an operand is by its form alone; the grammar's rules are sets of these.
///
/// The grammar reads parentheses as a condition, as arithmetic or as an array, depending on what follows. The parser reads
/// one general expression and then asks for its kind, so that it never goes back, however deep the parentheses are.
struct FilterKind: OptionSet {
    let rawValue: Int

    static let condition = FilterKind(rawValue: 1 << 0)
    static let text = FilterKind(rawValue: 1 << 1)
    static let number = FilterKind(rawValue: 1 << 2)
    static let boolean = FilterKind(rawValue: 1 << 3)
    static let instant = FilterKind(rawValue: 1 << 4)
    static let interval = FilterKind(rawValue: 1 << 5)
    static let geometry = FilterKind(rawValue: 1 << 6)
    static let array = FilterKind(rawValue: 1 << 7)
    static let property = FilterKind(rawValue: 1 << 8)
    static let call = FilterKind(rawValue: 1 << 9)

    static let anyCondition: FilterKind = [.condition, .boolean, .call]
    static let anyScalar: FilterKind = [.text, .number, .boolean, .instant, .property, .call]
    static let anyNumber: FilterKind = [.number, .property, .call]
    static let anyText: FilterKind = [.text, .property, .call]
    static let anyGeometry: FilterKind = [.geometry, .property, .call]
    static let anyTime: FilterKind = [.instant, .interval, .property, .call]
    static let anyArray: FilterKind = [.array, .property, .call]

    /// What a message says was expected.
    var words: String {
        switch self {
        case .anyCondition: "a condition"
        case .anyScalar: "a single value"
        case .anyNumber: "a number"
        case .anyText: "a text"
        case .anyGeometry: "a geometry"
        case .anyTime: "a time or an interval"
        case .anyArray: "an array"
        default: "something else"
        }
    }
}

extension Filter.Expression {
    var kind: FilterKind {
        switch self {
        case .property: .property
        case .text, .folded: .text
        case .integer, .number, .arithmetic: .number
        case .boolean: .boolean
        case .instant: .instant
        case .interval: .interval
        case .geometry: .geometry
        case .array: .array
        case .call: .call
        case .comparison, .like, .between, .among, .isNull, .spatial, .temporal, .arrays, .and, .or, .not: .condition
        }
    }

    /// The expression as a message names it.
    var words: String {
        switch self {
        case .property(let name): "the property “\(name)”"
        case .text(let text): "the text '\(text.prefix(40))'"
        case .integer(let value): "the number \(value)"
        case .number(let value): "the number \(value)"
        case .boolean(let value): value ? "TRUE" : "FALSE"
        case .instant(.date(let day)): "DATE('\(CalendarTime.text(day: day))')"
        case .instant(.timestamp(let time)): "TIMESTAMP('\(CalendarTime.text(microseconds: time))')"
        case .interval: "an INTERVAL"
        case .geometry(let geometry): "a \(geometry.keyword)"
        case .array: "an array"
        case .call(let name, _): "the function \(name)()"
        case .folded(let folding, _): "\(folding.rawValue.uppercased())(…)"
        case .arithmetic: "an arithmetic expression"
        default: "a condition"
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Checks that a filter compares like with like, given the types of the properties.
///
/// It runs after lowering, which has refused what is not supported at all.
struct FilterTypeCheck {
    let schema: FilterSchema

    func check(condition: Filter.Expression) throws(GranaryError) {
        switch condition {
        case .and(let conditions), .or(let conditions):
            for inner in conditions { try check(condition: inner) }
        case .not(let inner): try check(condition: inner)
        case .comparison(let comparison, let left, let right): try check(comparison, left, right)
        case .between(let value, let lower, let upper):
            try check(.greaterOrEqual, value, lower)
            try check(.lessOrEqual, value, upper)
        case .among(let value, let list):
            for element in list { try check(.equal, value, element) }
        case .like(let text, _): _ = try need([.string], text, "LIKE")
        case .isNull(let value) where FilterKind.condition.union(.boolean).contains(value.kind):
            try check(condition: value)
        case .isNull(let value): _ = try type(value)
        case .temporal(let relation, let left, let right):
            for side in [left, right] { try check(time: side, of: relation.rawValue.uppercased()) }
        case .spatial(let relation, let left, let right):
            for case .property(let name) in [left, right] {
                _ = try need([.box], .property(name), relation.rawValue.uppercased())
            }
        default: break
        }
    }

    private func check(time: Filter.Expression, of relation: String) throws(GranaryError) {
        switch time {
        case .property: _ = try need([.timestamp, .interval], time, relation)
        case .interval(let start, let end):
            for case .at(let bound) in [start, end] { _ = try need([.timestamp], bound, "INTERVAL") }
        default: break
        }
    }

    private func check(
        _ comparison: Filter.Comparison, _ left: Filter.Expression, _ right: Filter.Expression
    ) throws(GranaryError) {
        let types = (try type(left), try type(right))
        switch types {
        case (.interval, _), (_, .interval):
            throw FilterFault.meaning(
                "\(subject(types.0 == .interval ? left : right)) is an interval of time, and \(comparison.rawValue) is "
                    + "not defined for it.", remedy: "Use T_INTERSECTS, T_BEFORE, T_AFTER or another temporal function."
            )
        case (.box, _), (_, .box):
            throw FilterFault.meaning(
                "\(subject(types.0 == .box ? left : right)) is a bounding box, and \(comparison.rawValue) is not "
                    + "defined for it.", remedy: "Use S_INTERSECTS with a BBOX or a POINT.")
        case (.boolean, .boolean) where ![.equal, .notEqual].contains(comparison):
            throw FilterFault.meaning(
                "True and false have no order for \(comparison.rawValue).", remedy: "Compare them with = or <>.")
        case let (one, other) where one == other || (one.isNumeric && other.isNumeric): return
        default:
            throw FilterFault.meaning(
                "\(subject(left)) is \(types.0.words) and cannot be compared with \(right.words), \(types.1.words).",
                remedy: remedy(types.0, types.1))
        }
    }

    private func remedy(_ left: FilterType, _ right: FilterType) -> String {
        guard left == .timestamp || right == .timestamp else { return "Compare \(left.words) with \(left.words)." }
        return "Write times as TIMESTAMP('2024-05-01T12:00:00Z') or DATE('2024-05-01')."
    }

    /// The type of the operand, which must be one of `types`.
    private func need(
        _ types: Set<FilterType>, _ expression: Filter.Expression, _ operation: String
    ) throws(GranaryError) -> FilterType {
        let type = try type(expression)
        guard !types.contains(type) else { return type }
        let wanted = types.map(\.words).sorted().joined(separator: " or ")
        throw FilterFault.meaning(
            "\(subject(expression)) is \(type.words), but \(operation) takes \(wanted).",
            remedy: "Use a property that is \(wanted), or another operator.")
    }

    private func type(_ expression: Filter.Expression) throws(GranaryError) -> FilterType {
        switch expression {
        case .property(let name): return try schema.property(name).type
        case .integer: return .integer
        case .number: return .number
        case .boolean: return .boolean
        case .instant: return .timestamp
        case .folded(let folding, let text):
            return try need([.string], text, folding.rawValue.uppercased())
        case .arithmetic(let symbol, let left, let right): return try arithmetic(symbol, left, right)
        default: return .string
        }
    }

    /// Division with `/` is real; `div` and `%` exist for integers only, on all back ends.
    ///
    /// Each side is looked at once: arithmetic nests deep, and twice at every level would never end.
    private func arithmetic(
        _ symbol: Filter.Arithmetic, _ left: Filter.Expression, _ right: Filter.Expression
    ) throws(GranaryError) -> FilterType {
        let takesIntegers = symbol == .integerDivide || symbol == .remainder
        let allowed: Set<FilterType> = takesIntegers ? [.integer] : [.integer, .number]
        let operation = "the operator \(symbol.rawValue)"
        let types = [try need(allowed, left, operation), try need(allowed, right, operation)]
        return symbol != .divide && types == [.integer, .integer] ? .integer : .number
    }

    /// The expression as the first words of a sentence.
    private func subject(_ expression: Filter.Expression) -> String {
        let words = expression.words
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Turns a parsed filter into a `FilterCondition`, and refuses by name what Granary does not support.
enum FilterLowering {
    /// The longest LIKE pattern in UTF-8 bytes: well under SQLite's own limit of 50,000, past which it fails the query.
    static let patternLimit = 4096

    static func condition(_ expression: Filter.Expression) throws(GranaryError) -> FilterCondition {
        switch expression {
        case .boolean(let value): .constant(value)
        case .and(let conditions): .all(try each(conditions))
        case .or(let conditions): .any(try each(conditions))
        case .not(let inner): .not(try condition(inner))
        case .comparison(let comparison, let left, let right): try compare(comparison, left, right)
        case .between(let value, let lower, let upper):
            .all([try compare(.greaterOrEqual, value, lower), try compare(.lessOrEqual, value, upper)])
        case .among(let value, let list): try among(value, list)
        case .like(let text, let pattern): .like(try term(text), pattern: try term(checkedPattern(pattern)))
        case .isNull(let value): try isNull(value)
        case .temporal(let relation, let left, let right): try temporal(relation, left, right)
        case .spatial(let relation, let left, let right): try spatial(relation, left, right)
        case .arrays(let relation, _, _):
            throw unsupported("\(relation.rawValue.uppercased()): no property is an array")
        case .call(let name, _): throw unsupported(function: name)
        case .property, .text, .integer, .number, .instant, .interval, .geometry, .array, .folded, .arithmetic:
            throw unsupported("\(expression.words) as a condition")
        }
    }

    private static func each(_ conditions: [Filter.Expression]) throws(GranaryError) -> [FilterCondition] {
        var lowered: [FilterCondition] = []
        for inner in conditions { lowered.append(try condition(inner)) }
        return lowered
    }

    static func term(_ expression: Filter.Expression) throws(GranaryError) -> FilterTerm {
        switch expression {
        case .property(let name): .property(name, .whole)
        case .text(let text): .constant(.string(text))
        case .integer(let value): .constant(.integer(value))
        case .number(let value): .constant(.number(value))
        case .boolean(let value): .constant(.boolean(value))
        case .instant(let instant): .constant(.timestamp(instant.start))
        case .folded(.casei, let text): .folded(try term(text))
        case .folded(.accenti, _): throw unsupported("ACCENTI; the supported folding of texts is CASEI")
        case .arithmetic(.power, _, _):
            throw unsupported("the operator ^; the supported arithmetic operators are + - * / div %")
        case .arithmetic(let symbol, let left, let right): .arithmetic(symbol, try term(left), try term(right))
        case .call(let name, _): throw unsupported(function: name)
        default: throw unsupported("\(expression.words) as a value")
        }
    }

    private static func among(
        _ value: Filter.Expression, _ list: [Filter.Expression]
    ) throws(GranaryError) -> FilterCondition {
        guard !([value] + list).contains(where: \.isDate) else {
            var equalities: [FilterCondition] = []
            for element in list { equalities.append(try compare(.equal, value, element)) }
            return .any(equalities)
        }
        var terms: [FilterTerm] = []
        for element in list { terms.append(try term(element)) }
        return .among(try term(value), terms)
    }

    private static func isNull(_ value: Filter.Expression) throws(GranaryError) -> FilterCondition {
        switch value.kind {
        case .condition, .boolean: .isUnknown(try condition(value))
        default: .isNull(try term(value))
        }
    }

    private static func checkedPattern(_ pattern: Filter.Expression) throws(GranaryError) -> Filter.Expression {
        var innermost = pattern
        while case .folded(_, let inner) = innermost { innermost = inner }
        guard case .text(let text) = innermost else { return pattern }
        guard text.utf8.count <= patternLimit else {
            throw FilterFault.meaning(
                "A LIKE pattern is \(text.utf8.count) bytes long; the limit is \(patternLimit).", remedy: "Shorten it.")
        }
        return pattern
    }

    // MARK: Refusals

    static func unsupported(_ what: String) -> GranaryError {
        FilterFault.meaning("Filters do not support \(what).", remedy: "Say it in another way, or leave it out.")
    }

    /// Names that look like the standard's get the list of those there are.
    private static func unsupported(function name: String) -> GranaryError {
        switch name.prefix(2).lowercased() {
        case "s_": unsupported("\(name); \(spatialSupport)")
        case "t_":
            unsupported(
                "\(name); supported temporal functions are "
                    + Filter.TemporalRelation.allCases.map { $0.rawValue.uppercased() }.joined(separator: ", "))
        default: unsupported("the function \(name)()")
        }
    }

    static let spatialSupport = "supported spatial functions are S_INTERSECTS and S_DISJOINT"
}

extension Filter.Expression {
    fileprivate var isDate: Bool {
        guard case .instant(.date) = self else { return false }
        return true
    }
}

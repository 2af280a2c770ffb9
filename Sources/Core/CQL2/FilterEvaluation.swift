// SPDX-License-Identifier: Apache-2.0

extension FilterCondition {
    /// Whether the condition holds, in SQL's three values; nil is unknown.
    func truth(_ properties: some FilterProperties) -> Bool? {
        switch self {
        case .constant(let value): value
        case .compare(let comparison, let left, let right):
            FilterValue.compare(left.value(properties), right.value(properties)).map(comparison.holds)
        case .like(let text, let pattern): Self.like(text.value(properties), pattern.value(properties))
        case .among(let term, let list): Self.among(term.value(properties), list.lazy.map { $0.value(properties) })
        case .isNull(let term): term.value(properties) == nil
        case .isUnknown(let condition): condition.truth(properties) == nil
        case .all(let conditions): Self.decided(by: false, conditions.lazy.map { $0.truth(properties) })
        case .any(let conditions): Self.decided(by: true, conditions.lazy.map { $0.truth(properties) })
        case .not(let condition): condition.truth(properties).map { !$0 }
        }
    }

    /// AND is decided by one false, OR by one true; otherwise one unknown makes the whole unknown.
    private static func decided(by decisive: Bool, _ truths: some Sequence<Bool?>) -> Bool? {
        var result: Bool? = !decisive
        for truth in truths {
            if truth == decisive { return decisive }
            if truth == nil { result = nil }
        }
        return result
    }

    private static func among(_ value: FilterValue?, _ list: some Sequence<FilterValue?>) -> Bool? {
        decided(by: true, list.lazy.map { FilterValue.compare(value, $0).map(Filter.Comparison.equal.holds) })
    }

    private static func like(_ text: FilterValue?, _ pattern: FilterValue?) -> Bool? {
        guard case .string(let text) = text, case .string(let pattern) = pattern else { return nil }
        return LikePattern(pattern).matches(text)
    }
}

extension FilterTerm {
    func value(_ properties: some FilterProperties) -> FilterValue? {
        switch self {
        case .property(let name, let part): properties.value(of: name)?.part(part)
        case .constant(let value): value
        case .arithmetic(let symbol, let left, let right):
            symbol.result(left.value(properties), right.value(properties))
        case .folded(let term): term.value(properties)?.folded
        }
    }
}

extension FilterValue {
    /// The number of the value that is meant; nil when the value has no such part or is not known.
    fileprivate func part(_ part: FilterPart) -> FilterValue? {
        switch (self, part) {
        case (.timestamp, .start), (.timestamp, .end): self
        case (.interval(let start, _), .start): start.map(FilterValue.timestamp)
        case (.interval(_, let end), .end): end.map(FilterValue.timestamp)
        case (.interval(nil, nil), .whole): nil
        case (.number(let value), .whole) where value.isNaN: nil
        case (.box(let west, _, _, _), .west): .number(west)
        case (.box(_, let south, _, _), .south): .number(south)
        case (.box(_, _, let east, _), .east): .number(east)
        case (.box(_, _, _, let north), .north): .number(north)
        case (_, .whole): self
        default: nil
        }
    }

    /// ASCII letters only, as SQLite's `lower` does everywhere and PostgreSQL's in the C collation.
    fileprivate var folded: FilterValue? {
        guard case .string(let text) = self else { return nil }
        let bytes = text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
        return .string(String(decoding: bytes, as: UTF8.self))
    }

    enum Order { case less, equal, greater }

    /// How two values of one type stand to each other; nil for missing values and for values of different types.
    static func compare(_ left: FilterValue?, _ right: FilterValue?) -> Order? {
        switch (left, right) {
        case (.string(let left), .string(let right)): order(left, right)
        case (.integer(let left), .integer(let right)): order(left, right)
        case (.number(let left), .number(let right)): order(left, right)
        case (.integer(let left), .number(let right)): order(Double(left), right)
        case (.number(let left), .integer(let right)): order(left, Double(right))
        case (.timestamp(let left), .timestamp(let right)): order(left, right)
        case (.boolean(let left), .boolean(let right)): order(left ? 1 : 0, right ? 1 : 0)
        default: nil
        }
    }

    private static func order<Value: Comparable>(_ left: Value, _ right: Value) -> Order {
        left < right ? .less : left == right ? .equal : .greater
    }

    /// By bytes: Swift's own comparison takes composed and decomposed accents for equal, databases do not.
    private static func order(_ left: String, _ right: String) -> Order {
        if left.utf8.elementsEqual(right.utf8) { return .equal }
        return left.utf8.lexicographicallyPrecedes(right.utf8) ? .less : .greater
    }
}

extension Filter.Comparison {
    func holds(_ order: FilterValue.Order) -> Bool {
        switch self {
        case .equal: order == .equal
        case .notEqual: order != .equal
        case .less: order == .less
        case .greater: order == .greater
        case .lessOrEqual: order != .greater
        case .greaterOrEqual: order != .less
        }
    }
}

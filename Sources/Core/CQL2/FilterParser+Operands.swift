// SPDX-License-Identifier: Apache-2.0

/// Operands: arithmetic, literals, properties, functions, and what stands in parentheses.
extension FilterParser {
    mutating func sum() throws(GranaryError) -> Filter.Expression {
        try arithmetic([.plus, .minus]) { (parser) throws(GranaryError) in try parser.product() }
    }

    private mutating func product() throws(GranaryError) -> Filter.Expression {
        try arithmetic([.times, .divide, .remainder, .integerDivide]) { (parser) throws(GranaryError) in
            try parser.power()
        }
    }

    /// Operands of one precedence, grouped from the left.
    private mutating func arithmetic(
        _ operators: [Filter.Arithmetic], _ read: (inout FilterParser) throws(GranaryError) -> Filter.Expression
    ) throws(GranaryError) -> Filter.Expression {
        let start = current
        var left = try read(&self)
        while let symbol = arithmeticOperator, operators.contains(symbol) {
            try require(.anyNumber, left, at: start)
            advance()
            try countArithmetic()
            left = .arithmetic(symbol, left, try operand(.anyNumber, read))
        }
        return left
    }

    private var arithmeticOperator: Filter.Arithmetic? {
        if case .symbol(let symbol) = current.kind { return Filter.Arithmetic(rawValue: symbol) }
        return current.keyword == "div" ? .integerDivide : nil
    }

    /// One power at most: the grammar leaves `a ^ b ^ c` undefined.
    private mutating func power() throws(GranaryError) -> Filter.Expression {
        let start = current
        let base = try signed()
        guard arithmeticOperator == .power else { return base }
        try require(.anyNumber, base, at: start)
        advance()
        try countArithmetic()
        let exponent = try operand(.anyNumber) { (parser) throws(GranaryError) in try parser.signed() }
        return .arithmetic(.power, base, exponent)
    }

    /// A sign belongs to the number it precedes; before anything else, minus is a multiplication by -1.
    private mutating func signed() throws(GranaryError) -> Filter.Expression {
        if let number = takeNumber() { return number }
        guard take("-") else { return try primary() }
        try countArithmetic()
        let operand = try operand(.anyNumber) { (parser) throws(GranaryError) in try parser.primary() }
        return .arithmetic(.times, .integer(-1), operand)
    }

    /// A number with its sign, if one comes next.
    mutating func takeNumber() -> Filter.Expression? {
        let isNegative = current.kind == .symbol("-")
        let isSigned = isNegative || current.kind == .symbol("+")
        switch (isSigned ? peek() : current).kind {
        case .integer(let value):
            if isSigned { advance() }
            advance()
            return .integer(isNegative ? -value : value)
        case .number(let value):
            if isSigned { advance() }
            advance()
            return .number(isNegative ? -value : value)
        default:
            return nil
        }
    }

    private mutating func primary() throws(GranaryError) -> Filter.Expression {
        switch current.kind {
        case .text(let text):
            advance()
            return .text(text)
        case .quotedName(let name):
            advance()
            return .property(name)
        case .word(let word):
            return try named(word)
        case .symbol("("):
            return try parenthesized()
        default:
            throw expected("a value or a condition")
        }
    }

    /// One expression in parentheses is that expression; none or several are an array.
    private mutating func parenthesized() throws(GranaryError) -> Filter.Expression {
        let elements = try elements()
        guard elements.count == 1, let only = elements.first else { return .array(elements) }
        return only
    }

    /// A comma-separated list in parentheses, perhaps empty.
    private mutating func elements() throws(GranaryError) -> [Filter.Expression] {
        try need("(")
        try enter()
        defer { leave() }
        if take(")") { return [] }
        var elements = [try general()]
        while take(",") { elements.append(try general()) }
        guard take(")") else { throw expected("“,” or “)”") }
        return elements
    }

    // MARK: Names

    /// Words that never are properties unless quoted.
    private static let reserved: Set<String> = ["and", "or", "not", "like", "between", "in", "is", "null", "div"]

    private mutating func named(_ word: String) throws(GranaryError) -> Filter.Expression {
        let keyword = word.lowercased()
        if Self.reserved.contains(keyword) {
            throw expected("a value or a condition (a property of that name is written \"\(word)\")")
        }
        if keyword == "true" || keyword == "false" {
            advance()
            return .boolean(keyword == "true")
        }
        if let geometry = try taggedGeometry(keyword) { return .geometry(geometry) }
        advance()
        guard current.kind == .symbol("(") else { return .property(word) }
        return try function(word, keyword)
    }

    private mutating func function(_ name: String, _ keyword: String) throws(GranaryError) -> Filter.Expression {
        if let folding = Filter.Folding(rawValue: keyword) { return .folded(folding, try foldedText()) }
        if let literal = try temporalLiteral(keyword) { return literal }
        if let relation = Filter.SpatialRelation.allCases.first(where: { $0.rawValue == keyword }) {
            let (left, right) = try pair(.anyGeometry)
            return .spatial(relation, left, right)
        }
        if let relation = Filter.TemporalRelation.allCases.first(where: { $0.rawValue.lowercased() == keyword }) {
            let (left, right) = try pair(.anyTime)
            return .temporal(relation, left, right)
        }
        if let relation = Filter.ArrayRelation.allCases.first(where: { $0.rawValue.lowercased() == keyword }) {
            let (left, right) = try pair(.anyArray)
            return .arrays(relation, left, right)
        }
        return .call(name, try elements())
    }

    private mutating func foldedText() throws(GranaryError) -> Filter.Expression {
        try need("(")
        try enter()
        defer { leave() }
        let text = try operand(.anyText) { (parser) throws(GranaryError) in try parser.sum() }
        try need(")")
        return text
    }

    /// The two arguments of a relation.
    private mutating func pair(_ kind: FilterKind) throws(GranaryError) -> (Filter.Expression, Filter.Expression) {
        try need("(")
        try enter()
        defer { leave() }
        let left = try argument(kind)
        try need(",")
        let right = try argument(kind)
        try need(")")
        return (left, right)
    }

    /// In an array relation, parentheses are always an array, even around a single element.
    private mutating func argument(_ kind: FilterKind) throws(GranaryError) -> Filter.Expression {
        if kind == .anyArray, current.kind == .symbol("(") { return .array(try elements()) }
        return try operand(kind) { (parser) throws(GranaryError) in try parser.sum() }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Reads CQL2 text by recursive descent: OR, AND, NOT, predicates; operands are in `FilterParser+Operands.swift`.
///
/// It never goes back, so time is linear in the text, and its depth is bounded, so the stack is too.
struct FilterParser {
    private let source: [Unicode.Scalar]
    private let tokens: [FilterToken]
    private var index = 0
    private var depth = 0
    private var arithmeticOperators = 0

    static func parse(_ text: String) throws(GranaryError) -> Filter.Expression {
        guard text.utf8.count <= Filter.textLimit else {
            throw FilterFault.meaning(
                "The filter is \(text.utf8.count) bytes long; the limit is \(Filter.textLimit).",
                remedy: "Shorten the filter; give long lists of identifiers as a list instead.")
        }
        let source = Array(text.unicodeScalars)
        var lexer = FilterLexer(source)
        var parser = FilterParser(source: source, tokens: try lexer.tokens())
        return try parser.filter()
    }

    private init(source: [Unicode.Scalar], tokens: [FilterToken]) {
        self.source = source
        self.tokens = tokens
    }

    private mutating func filter() throws(GranaryError) -> Filter.Expression {
        let condition = try operand(.anyCondition) { (parser) throws(GranaryError) in try parser.general() }
        guard current.kind == .end else { throw expected("AND, OR or the end of the filter") }
        return condition
    }

    // MARK: Tokens

    var current: FilterToken { tokens[index] }
    /// The last token is `.end` and never consumed past, so one further always exists before it.
    func peek(_ distance: Int = 1) -> FilterToken { tokens[min(index + distance, tokens.count - 1)] }

    mutating func advance() {
        if index < tokens.count - 1 { index += 1 }
    }

    /// Consumes the keyword if it comes next.
    mutating func take(keyword: String) -> Bool {
        guard current.keyword == keyword else { return false }
        advance()
        return true
    }

    /// Consumes the symbol if it comes next.
    mutating func take(_ symbol: String) -> Bool {
        guard current.kind == .symbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func need(_ symbol: String) throws(GranaryError) {
        guard take(symbol) else { throw expected("“\(symbol)”") }
    }

    func expected(_ what: String) -> GranaryError {
        fault(at: current, "expected \(what), found \(current.words)")
    }

    func fault(at token: FilterToken, _ what: String) -> GranaryError {
        FilterFault.syntax(source, token.offset, what)
    }

    // MARK: Limits

    mutating func enter() throws(GranaryError) {
        depth += 1
        guard depth <= Filter.depthLimit else {
            throw fault(at: current, "the filter is nested deeper than \(Filter.depthLimit) levels")
        }
    }

    mutating func leave() { depth -= 1 }

    mutating func countArithmetic() throws(GranaryError) {
        arithmeticOperators += 1
        guard arithmeticOperators <= Filter.arithmeticLimit else {
            throw fault(at: current, "the filter has more than \(Filter.arithmeticLimit) arithmetic operators")
        }
    }

    /// Reads an operand and refuses it, where it begins, when it is not of an allowed kind.
    mutating func operand(
        _ allowed: FilterKind, _ read: (inout FilterParser) throws(GranaryError) -> Filter.Expression
    ) throws(GranaryError) -> Filter.Expression {
        let start = current
        let expression = try read(&self)
        try require(allowed, expression, at: start)
        return expression
    }

    func require(_ allowed: FilterKind, _ expression: Filter.Expression, at start: FilterToken) throws(GranaryError) {
        guard !allowed.contains(expression.kind) else { return }
        if allowed == .anyCondition, case .property = expression {
            throw fault(at: start, "expected a condition, found only \(expression.words); compare it, as in “= TRUE”")
        }
        throw fault(at: start, "expected \(allowed.words), found \(expression.words)")
    }

    // MARK: Conditions

    /// Any expression: what parentheses, arguments and the filter itself hold.
    mutating func general() throws(GranaryError) -> Filter.Expression {
        try chain("or", Filter.Expression.or) { (parser) throws(GranaryError) in
            try parser.chain("and", Filter.Expression.and) { (parser) throws(GranaryError) in try parser.factor() }
        }
    }

    /// One operand, or several joined by the keyword.
    private mutating func chain(
        _ keyword: String, _ join: ([Filter.Expression]) -> Filter.Expression,
        _ read: (inout FilterParser) throws(GranaryError) -> Filter.Expression
    ) throws(GranaryError) -> Filter.Expression {
        let start = current
        let first = try read(&self)
        guard current.keyword == keyword else { return first }
        try require(.anyCondition, first, at: start)
        var operands = [first]
        while take(keyword: keyword) { operands.append(try operand(.anyCondition, read)) }
        return join(operands)
    }

    private mutating func factor() throws(GranaryError) -> Filter.Expression {
        guard take(keyword: "not") else { return try predicate() }
        return .not(try operand(.anyCondition) { (parser) throws(GranaryError) in try parser.predicate() })
    }

    /// An operand alone, or with the comparison that follows it.
    private mutating func predicate() throws(GranaryError) -> Filter.Expression {
        let start = current
        let left = try sum()
        if case .symbol(let symbol) = current.kind, let comparison = Filter.Comparison(rawValue: symbol) {
            try require(.anyScalar, left, at: start)
            advance()
            return .comparison(comparison, left, try scalar())
        }
        if take(keyword: "is") { return try isNull(left) }
        let negated = current.keyword == "not" && ["like", "between", "in"].contains(peek().keyword)
        if negated { advance() }
        guard let condition = try keywordPredicate(left, at: start) else { return left }
        return negated ? .not(condition) : condition
    }

    private mutating func isNull(_ operand: Filter.Expression) throws(GranaryError) -> Filter.Expression {
        let negated = take(keyword: "not")
        guard take(keyword: "null") else { throw expected(negated ? "NULL" : "NULL or NOT NULL") }
        return negated ? .not(.isNull(operand)) : .isNull(operand)
    }

    private mutating func keywordPredicate(
        _ left: Filter.Expression, at start: FilterToken
    ) throws(GranaryError) -> Filter.Expression? {
        if take(keyword: "like") {
            try require(.anyText, left, at: start)
            return .like(left, pattern: try pattern())
        }
        if take(keyword: "between") {
            try require(.anyScalar, left, at: start)
            let lower = try scalar()
            guard take(keyword: "and") else { throw expected("AND and the upper end of BETWEEN") }
            return .between(left, lower: lower, upper: try scalar())
        }
        if take(keyword: "in") {
            try require(.anyScalar, left, at: start)
            return .among(left, try list())
        }
        return nil
    }

    private mutating func scalar() throws(GranaryError) -> Filter.Expression {
        try operand(.anyScalar) { (parser) throws(GranaryError) in try parser.sum() }
    }

    private mutating func list() throws(GranaryError) -> [Filter.Expression] {
        try need("(")
        var elements = [try scalar()]
        while take(",") { elements.append(try scalar()) }
        guard take(")") else { throw expected("“,” or “)”") }
        return elements
    }

    /// What LIKE compares with: a text, perhaps folded; never a property.
    private mutating func pattern() throws(GranaryError) -> Filter.Expression {
        let start = current
        let pattern = try sum()
        var innermost = pattern
        while case .folded(_, let inner) = innermost { innermost = inner }
        guard case .text = innermost else {
            throw fault(at: start, "expected a pattern in quotes, found \(pattern.words)")
        }
        return pattern
    }
}

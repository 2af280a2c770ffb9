// SPDX-License-Identifier: Apache-2.0

/// One word of a filter and where it begins, as an offset in Unicode scalars.
struct FilterToken: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case word(String)
        case quotedName(String)
        case text(String)
        case integer(Int64)
        case number(Double)
        case symbol(String)
        case end
    }
    let kind: Kind
    let offset: Int

    /// The word in lower case, as keywords are compared; nil for every other kind of token.
    var keyword: String? {
        guard case .word(let word) = kind else { return nil }
        return word.lowercased()
    }

    /// The token as a message names it.
    var words: String {
        switch kind {
        case .word(let word): "“\(word.prefix(40))”"
        case .quotedName(let name): "the property “\(name.prefix(40))”"
        case .text(let text): "the text '\(text.prefix(40))'"
        case .integer(let value): "the number \(value)"
        case .number(let value): "the number \(value)"
        case .symbol(let symbol): "“\(symbol)”"
        case .end: "the end of the filter"
        }
    }
}

/// Cuts a filter text into tokens.
struct FilterLexer {
    private let source: [Unicode.Scalar]
    private var index = 0

    init(_ source: [Unicode.Scalar]) {
        self.source = source
    }

    /// All tokens, the last one `.end`.
    mutating func tokens() throws(GranaryError) -> [FilterToken] {
        var tokens: [FilterToken] = []
        while true {
            while let scalar = current, FilterCharacters.isSpace(scalar) { index += 1 }
            let start = index
            let kind = try token()
            tokens.append(FilterToken(kind: kind, offset: start))
            if kind == .end { return tokens }
        }
    }

    private var current: Unicode.Scalar? { index < source.count ? source[index] : nil }
    private var following: Unicode.Scalar? { index + 1 < source.count ? source[index + 1] : nil }

    private mutating func token() throws(GranaryError) -> FilterToken.Kind {
        guard let scalar = current else { return .end }
        if FilterCharacters.isNameStart(scalar) { return .word(run(FilterCharacters.isNamePart)) }
        if FilterCharacters.isDigit(scalar) || (scalar == "." && following.map(FilterCharacters.isDigit) == true) {
            return try number()
        }
        switch scalar {
        case "'": return .text(try text())
        case "\"": return .quotedName(try quotedName())
        default: return .symbol(try symbol())
        }
    }

    private mutating func run(_ belongs: (Unicode.Scalar) -> Bool) -> String {
        var view = String.UnicodeScalarView()
        while let scalar = current, belongs(scalar) {
            view.append(scalar)
            index += 1
        }
        return String(view)
    }

    /// Digits with an optional fraction and exponent; the sign is the parser's, since `a-1` is a subtraction.
    private mutating func number() throws(GranaryError) -> FilterToken.Kind {
        let start = index
        var digits = run(FilterCharacters.isDigit)
        if current != ".", !beginsExponent, let value = Int64(digits) { return .integer(value) }
        if current == "." {
            index += 1
            let fraction = run(FilterCharacters.isDigit)
            digits = (digits.isEmpty ? "0" : digits) + "." + (fraction.isEmpty ? "0" : fraction)
        }
        if beginsExponent {
            index += 1
            let sign = current == "-" ? "-" : ""
            if current == "-" || current == "+" { index += 1 }
            digits += "e" + sign + run(FilterCharacters.isDigit)
        }
        guard let value = Double(digits), value.isFinite else {
            throw FilterFault.syntax(source, start, "the number is too large for a double")
        }
        return .number(value)
    }

    private var beginsExponent: Bool {
        guard current == "e" || current == "E", let next = following else { return false }
        if FilterCharacters.isDigit(next) { return true }
        guard next == "+" || next == "-", index + 2 < source.count else { return false }
        return FilterCharacters.isDigit(source[index + 2])
    }

    /// A text between single quotes; `''` and `\'` stand for a quote within it, every other backslash for itself.
    private mutating func text() throws(GranaryError) -> String {
        let start = index
        var view = String.UnicodeScalarView()
        index += 1
        while let scalar = current {
            if scalar == "'" || (scalar == "\\" && following == "'") {
                guard following == "'" else {
                    index += 1
                    return String(view)
                }
                view.append("'")
                index += 2
                continue
            }
            guard FilterCharacters.isText(scalar) else {
                throw FilterFault.syntax(source, index, "a text cannot contain the control character \(scalar.value)")
            }
            view.append(scalar)
            index += 1
        }
        throw FilterFault.syntax(source, start, "the text that begins here has no closing quote")
    }

    /// A property name between double quotes, which may hold any characters but quotes and controls.
    private mutating func quotedName() throws(GranaryError) -> String {
        let start = index
        index += 1
        let name = run { $0 != "\"" && FilterCharacters.isText($0) }
        guard current == "\"" else {
            throw FilterFault.syntax(source, start, "the property name that begins here has no closing quote")
        }
        guard !name.isEmpty else { throw FilterFault.syntax(source, start, "a property name cannot be empty") }
        index += 1
        return name
    }

    private mutating func symbol() throws(GranaryError) -> String {
        guard let scalar = current, "()=<>,+-*/%^".unicodeScalars.contains(scalar) else {
            throw FilterFault.syntax(source, index, "“\(source[index])” has no meaning here")
        }
        index += 1
        if let next = current, ["<=", "<>", ">="].contains("\(scalar)\(next)") {
            index += 1
            return "\(scalar)\(next)"
        }
        return "\(scalar)"
    }
}

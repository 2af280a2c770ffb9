// SPDX-License-Identifier: Apache-2.0

/// Rewrites a pattern of JavaScript (with its `u` flag) into PCRE2's dialect where the two mean different things, and
/// refuses what only PCRE2 has.
///
/// Not bridged, because PCRE2 has no spelling for it: lookbehind of varying width, and `\S` inside a class, which here
/// still contains the spaces beyond ASCII.
struct ECMAPattern {
    private var rest: Substring.UnicodeScalarView
    private let source: String
    private var result = String.UnicodeScalarView()
    private var isInClass = false

    private init(_ source: String) {
        self.source = source
        rest = source[...].unicodeScalars
    }

    static func translated(_ source: String) throws -> String {
        var pattern = ECMAPattern(source)
        while let scalar = pattern.rest.popFirst() { try pattern.translate(scalar) }
        return String(pattern.result)
    }

    private mutating func translate(_ scalar: Unicode.Scalar) throws {
        switch scalar {
        case "\\": try translateEscape()
        case "." where !isInClass: add("[^\\n\\r\u{2028}\u{2029}]")
        case "(" where !isInClass: try openGroup()
        case "[" where isInClass: add("\\[")  // `[:alpha:]` is no class within a class in JavaScript
        case "[", "]":
            isInClass = scalar == "["
            result.append(scalar)
        default: result.append(scalar)
        }
    }

    private mutating func add(_ text: String) { result += text.unicodeScalars }

    private mutating func openGroup() throws {
        result.append("(")
        if rest.first == "*" { throw refused("(*") }
        guard rest.first == "?" else { return }
        let known = ["?:", "?=", "?!", "?<"]
        guard known.contains(where: { rest.starts(with: $0.unicodeScalars) }) else { throw refused("(?") }
    }

    private mutating func translateEscape() throws {
        guard let scalar = rest.popFirst() else { throw Pattern.invalid(source, "it ends in a backslash") }
        switch scalar {
        case "s": add(isInClass ? "\\s\\p{Z}\u{FEFF}" : "[\\s\\p{Z}\u{FEFF}]")
        case "S" where !isInClass: add("[^\\s\\p{Z}\u{FEFF}]")
        case "v": add("\\x0b")
        case "u": add(try escapedScalar())
        case "x": add("\\x{\(try digits(2))}")
        case "p", "P": add("\\\(scalar){\(try property())}")
        case "d", "D", "w", "W", "S", "b", "B", "t", "n", "f", "r", "c", "k", "0"..."9": keep(scalar)
        case let letter where letter.properties.isAlphabetic: throw refused("\\\(letter)")
        default: keep(scalar)
        }
    }

    private mutating func keep(_ scalar: Unicode.Scalar) {
        result.append("\\")
        result.append(scalar)
    }

    private func refused(_ what: String) -> GranaryError {
        Pattern.invalid(source, "\(what) is not part of JavaScript's regular expressions")
    }
}

extension ECMAPattern {
    /// `\uXXXX`, two of them that make a surrogate pair, or `\u{X…}`; the `\u` is read already.
    private mutating func escapedScalar() throws -> String {
        if rest.first == "{" { return "\\x{\(try braced())}" }
        let high = try digits(4)
        guard let unit = UInt32(high, radix: 16), (0xD800..<0xDC00).contains(unit) else { return "\\x{\(high)}" }
        guard rest.popFirst() == "\\", rest.popFirst() == "u", let low = UInt32(try digits(4), radix: 16),
            (0xDC00..<0xE000).contains(low)
        else { throw Pattern.invalid(source, "half of a surrogate pair stands alone") }
        return "\\x{\(String(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00), radix: 16))}"
    }

    private mutating func digits(_ count: Int) throws -> String {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ $0.isASCII && $0.properties.isHexDigit }) else {
            throw Pattern.invalid(source, "\(count) hexadecimal digits are missing")
        }
        rest.removeFirst(count)
        return String(digits)
    }

    private mutating func braced() throws -> String {
        guard rest.first == "{", let end = rest.firstIndex(of: "}") else {
            throw Pattern.invalid(source, "a part in braces is missing")
        }
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest[rest.index(after: rest.startIndex)..<end])
    }

    /// The property of `\p{…}` by the short name PCRE2 knows.
    private mutating func property() throws -> String {
        let name = try braced()
        let value = name.split(separator: "=", maxSplits: 1).last.map(String.init) ?? name
        return Self.shortNames[value] ?? value
    }

    /// Unicode's general categories by their long names; scripts and binary properties have the same name in both.
    private static let shortNames = [
        "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
        "Cased_Letter": "L&", "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Nonspacing_Mark": "Mn",
        "Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd",
        "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "punct": "P", "Symbol": "S",
        "Math_Symbol": "Sm", "Currency_Symbol": "Sc", "Modifier_Symbol": "Sk", "Other_Symbol": "So", "Separator": "Z",
        "Space_Separator": "Zs", "Line_Separator": "Zl", "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc",
        "Format": "Cf", "Unassigned": "Cn", "Private_Use": "Co",
    ]
}

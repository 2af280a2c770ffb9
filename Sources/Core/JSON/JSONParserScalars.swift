// SPDX-License-Identifier: Apache-2.0

extension JSONParser {
    /// Reads a string whose opening quote is the next byte.
    mutating func string() throws -> String {
        let opening = offset
        offset += 1
        let start = offset
        scanPlain()
        if next == UInt8(ascii: "\"") {
            defer { offset += 1 }
            return try text(bytes[start..<offset], opening: opening)
        }
        var content = Array(bytes[start..<offset])
        while next == UInt8(ascii: "\\") {
            try unescape(into: &content)
            let plain = offset
            scanPlain()
            content += bytes[plain..<offset]
        }
        guard next == UInt8(ascii: "\"") else {
            throw invalid(next == nil ? "it ends inside a string" : "a control character must be escaped in a string")
        }
        offset += 1
        return try text(content[...], opening: opening)
    }

    /// Moves to the closing quote, an escape, or a byte that may not stand in a string.
    private mutating func scanPlain() {
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return }
            offset += 1
        }
    }

    private func text(_ content: ArraySlice<UInt8>, opening: Int) throws -> String {
        guard let text = String(validating: content, as: UTF8.self) else {
            throw invalid("the string that starts here is not valid UTF-8", at: opening)
        }
        return text
    }

    private mutating func unescape(into content: inout [UInt8]) throws {
        let start = offset
        offset += 2
        switch start + 1 < bytes.count ? bytes[start + 1] : 0 {
        case UInt8(ascii: "\""): content.append(0x22)
        case UInt8(ascii: "\\"): content.append(0x5C)
        case UInt8(ascii: "/"): content.append(0x2F)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content += UTF8.encode(try escapedScalar(start)).map(Array.init) ?? []
        default: throw invalid("there is no such escape", at: start)
        }
    }

    /// The scalar of `\uXXXX`, or of the two that make a surrogate pair; `offset` is at the first digit.
    private mutating func escapedScalar(_ start: Int) throws -> Unicode.Scalar {
        let unit = try codeUnit(start)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, bytes[offset...].starts(with: [0x5C, 0x75]) else {
            throw invalid("half of a surrogate pair stands alone", at: start)
        }
        offset += 2
        let low = try codeUnit(start)
        guard (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        else { throw invalid("half of a surrogate pair stands alone", at: start) }
        return scalar
    }

    private mutating func codeUnit(_ start: Int) throws -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = hexadecimalDigit(byte) else {
                throw invalid("four hexadecimal digits should follow \\u", at: start)
            }
            unit = unit << 4 | digit
            offset += 1
        }
        return unit
    }
}

extension JSONParser {
    mutating func number() throws -> JSONValue {
        let start = offset
        if next == UInt8(ascii: "-") { offset += 1 }
        let leading = next
        let whole = digits()
        guard whole > 0 else { throw invalid("a digit should stand here") }
        guard whole == 1 || leading != UInt8(ascii: "0") else {
            throw invalid("a number does not start with a zero", at: start)
        }
        let hasFraction = try fraction()
        let hasExponent = try exponent()
        let spelled = String(decoding: bytes[start..<offset], as: UTF8.self)
        if !hasFraction, !hasExponent, let value = Int64(spelled) { return .integer(value) }
        guard let value = Double(spelled), value.isFinite else {
            throw invalid("the number is beyond what a double holds", at: start)
        }
        return .number(value)
    }

    private mutating func fraction() throws -> Bool {
        guard next == UInt8(ascii: ".") else { return false }
        offset += 1
        guard digits() > 0 else { throw invalid("a digit should follow the point") }
        return true
    }

    private mutating func exponent() throws -> Bool {
        guard next == UInt8(ascii: "e") || next == UInt8(ascii: "E") else { return false }
        offset += 1
        if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
        guard digits() > 0 else { throw invalid("a digit should follow the exponent's mark") }
        return true
    }

    /// Skips digits and says how many there were.
    private mutating func digits() -> Int {
        let start = offset
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        return offset - start
    }
}

func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}

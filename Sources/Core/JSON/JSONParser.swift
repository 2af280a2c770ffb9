// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// Reads one JSON document (RFC 8259) and nothing after it.
    ///
    /// Refused, each by name and byte offset, with `.invalid`: a key written twice, invalid UTF-8, lone surrogates,
    /// bytes after the document, a byte order mark (unless the limits allow it), numbers beyond `Double`. A document
    /// larger or deeper than the limits is `.limitReached`. Both are for quarantine: the same bytes will never parse.
    public init(parsing bytes: some Collection<UInt8>, limits: JSONLimits = .default) throws {
        guard bytes.count <= limits.bytes else {
            throw JSONParser.beyondLimit("The JSON document has \(bytes.count) bytes; the limit is \(limits.bytes).")
        }
        var parser = JSONParser(bytes: Array(bytes), limits: limits)
        self = try parser.document()
    }

    /// Reads one JSON document from text; see `init(parsing:limits:)` for bytes.
    public init(parsing text: String, limits: JSONLimits = .default) throws {
        try self.init(parsing: text.utf8, limits: limits)
    }
}

/// Walks over the bytes once. `offset` is the next byte to read and, when an error is thrown, the byte it is about.
struct JSONParser {
    let bytes: [UInt8]
    let limits: JSONLimits
    var offset = 0
    var depth = 0

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func document() throws -> JSONValue {
        try byteOrderMark()
        let value = try value()
        skipSpace()
        guard offset == bytes.count else { throw invalid("there is more after the end of the document") }
        return value
    }

    private mutating func byteOrderMark() throws {
        guard bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
        guard limits.allowsByteOrderMark else { throw invalid("it starts with a byte order mark, which JSON forbids") }
        offset = 3
    }

    private mutating func value() throws -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try nested { try $0.object() }
        case UInt8(ascii: "["): return try nested { try $0.array() }
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || hexadecimalDigit(byte) ?? 16 < 10: return try number()
        case nil: throw invalid("it ends where a value should stand")
        default: throw invalid("a value cannot start here")
        }
    }

    private mutating func nested(_ read: (inout JSONParser) throws -> JSONValue) throws -> JSONValue {
        let deepest = min(limits.depth, JSONLimits.deepest)
        guard depth < deepest else {
            throw Self.beyondLimit("The JSON document nests deeper than \(deepest) levels at byte \(offset).")
        }
        depth += 1
        offset += 1
        defer { depth -= 1 }
        return try read(&self)
    }

    private mutating func object() throws -> JSONValue {
        var members = JSONObject()
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw invalid("a member's key should stand here, in quotes") }
            let start = offset
            let key = try string()
            guard take(":") else { throw invalid("a colon should stand here") }
            let value = try value()
            guard members.insert(key, value) else { throw invalid("the key \(quoted(key)) appears twice", at: start) }
        } while take(",")
        guard take("}") else { throw invalid("a comma or the end of the object should stand here") }
        return .object(members)
    }

    private mutating func array() throws -> JSONValue {
        var elements: [JSONValue] = []
        if take("]") { return .array(elements) }
        repeat { elements.append(try value()) } while take(",")
        guard take("]") else { throw invalid("a comma or the end of the array should stand here") }
        return .array(elements)
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws -> JSONValue {
        let spelled = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[offset...].starts(with: spelled) else { throw invalid("a value cannot start here") }
        offset += word.utf8CodeUnitCount
        return value
    }

    /// Skips space and takes the byte if it is the next one.
    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: byte) else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }
}

extension JSONParser {
    func invalid(_ reason: String, at place: Int? = nil) -> GranaryError {
        GranaryError(
            .invalid, "The JSON document is not valid at byte \(place ?? offset): \(reason).",
            remedy: "Have the sender write valid JSON (RFC 8259, UTF-8), then send it again.", disposition: .quarantine)
    }

    static func beyondLimit(_ message: String) -> GranaryError {
        GranaryError(
            .limitReached, message, remedy: "Send less in one message, or raise the limit if the sender is trusted.",
            disposition: .quarantine)
    }
}

/// Text from outside as it is shown in messages: in quotes, escaped, and never more than a line.
func quoted(_ text: String, atMost count: Int = 80) -> String {
    let shown = String(text.unicodeScalars.prefix(count))
    return JSONValue.string(shown.utf8.count < text.utf8.count ? shown + "…" : shown).text
}

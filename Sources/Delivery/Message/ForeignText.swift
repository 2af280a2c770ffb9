// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// Text from a partner as it is shown in remarks: never more than a line.
func shown(_ text: String) -> String {
    let start = String(text.unicodeScalars.prefix(80))
    return JSONValue.string(start.utf8.count < text.utf8.count ? start + "…" : start).text
}

/// The first `"identifier": "…"` in bytes that are not JSON as a whole.
func identifierByEye(_ bytes: [UInt8]) -> String? {
    var rest = bytes[...]
    while let quote = rest.firstIndex(of: UInt8(ascii: "\"")) {
        rest = rest[quote...]
        if let text = identifierValue(rest) { return text }
        rest = rest.dropFirst()
    }
    return nil
}

/// The value when these bytes start with the key; none with escapes in it, nor of a length that nobody chooses.
private func identifierValue(_ bytes: ArraySlice<UInt8>) -> String? {
    let key = Array("\"identifier\"".utf8)
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    guard bytes.starts(with: key) else { return nil }
    let colon = bytes.dropFirst(key.count).drop(while: isSpace)
    guard colon.first == UInt8(ascii: ":") else { return nil }
    let value = colon.dropFirst().drop(while: isSpace)
    guard value.first == UInt8(ascii: "\"") else { return nil }
    let text = value.dropFirst().prefix(1025).prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    return text.isEmpty || text.count > 1024 ? nil : String(validating: text, as: UTF8.self)
}

/// Text from outside as it is kept beside a row: cut, and without NUL, which not every database can hold.
func clipped(_ text: String, to limit: Int = Limits.storedText) -> String {
    let text = String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    guard text.utf8.count > limit else { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
    while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end])
}

/// What keeps a readable time from being RFC 3339 in UTC.
func oddity(ofTime text: String) -> String? {
    let bytes = Array(text.utf8)
    let zoned = bytes.dropFirst(19).contains { "+-".utf8.contains($0) }
    switch (bytes.last == UInt8(ascii: "Z"), zoned) {
    case (true, true): return "has two zones"
    case (false, false): return "has no zone and is taken as UTC"
    default: return bytes.count > 10 && bytes[10] == UInt8(ascii: "T") ? nil : "has no T between date and time"
    }
}

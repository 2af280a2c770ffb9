// SPDX-License-Identifier: Apache-2.0

/// The bytes that base64 text stands for, with or without its padding; nil when it is not base64.
public func base64Bytes(_ text: some StringProtocol) -> [UInt8]? {
    let digits = text.utf8.reversed().drop { $0 == UInt8(ascii: "=") }.reversed()
    guard digits.count % 4 != 1, text.utf8.count == digits.count || text.utf8.count == (digits.count + 3) / 4 * 4 else {
        return nil
    }
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var held = 0
    for digit in digits {
        guard let value = base64Value(digit) else { return nil }
        bits = bits << 6 | value
        held += 6
        if held >= 8 {
            held -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
        }
    }
    return bytes
}

/// Base64 text with its padding.
public func base64(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var rest = bytes[...]
    while !rest.isEmpty {
        let piece = rest.prefix(3)
        rest = rest.dropFirst(3)
        let word = piece.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - piece.count))
        for place in 0..<4 { text.append(place <= piece.count ? base64Digits[word >> (18 - 6 * place) & 63] : pad) }
    }
    return String(decoding: text, as: UTF8.self)
}

private let base64Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
private let pad = UInt8(ascii: "=")

private func base64Value(_ digit: UInt8) -> UInt32? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}

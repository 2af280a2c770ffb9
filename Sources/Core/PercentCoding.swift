// SPDX-License-Identifier: Apache-2.0

/// The bytes that stand for themselves in a URI; every other is written as `%` and two digits.
public struct PlainBytes: Sendable, Hashable {
    /// One bit for each byte of ASCII; no other is ever plain.
    private let members: UInt128

    private init(_ more: String) {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        members = (letters + "0123456789-._~" + more).utf8.reduce(0) { $0 | 1 << UInt128($1) }
    }

    /// RFC 3986's `unreserved`: letters, digits and `-._~`. What AWS leaves in a query or in one segment of a path.
    public static let unreserved = PlainBytes("")

    /// `unreserved` and the slash: a path in which no byte of a name means anything to whoever reads it.
    public static let path = PlainBytes("/")

    /// All that RFC 3986 lets stand in a path: `pchar` and the slash.
    public static let wholePath = PlainBytes("!$&'()*+,;=:@/")

    public func contains(_ byte: UInt8) -> Bool { byte < 0x80 && members >> UInt128(byte) & 1 == 1 }
}

/// Text of a URI that stands for these bytes, with upper-case digits behind each `%`.
public func percentEncoded(_ bytes: [UInt8], keeping plain: PlainBytes) -> String {
    var encoded: [UInt8] = []
    encoded.reserveCapacity(bytes.count)
    for byte in bytes {
        if plain.contains(byte) {
            encoded.append(byte)
        } else {
            encoded.append(percent)
            encoded.append(upperDigits[Int(byte >> 4)])
            encoded.append(upperDigits[Int(byte & 15)])
        }
    }
    return String(decoding: encoded, as: UTF8.self)
}

public func percentEncoded(_ text: String, keeping plain: PlainBytes) -> String {
    percentEncoded(Array(text.utf8), keeping: plain)
}

/// The bytes that text with `%XX` stands for; nil when a `%` has no two hexadecimal digits behind it.
///
/// - Parameter plusIsSpace: true where the text is a form's, as in S3's notices.
public func percentDecoded(_ text: [UInt8], plusIsSpace: Bool = false) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var next = 0
    while next < text.count {
        let byte = text[next]
        next += 1
        if byte == percent {
            guard next + 1 < text.count, let high = digitValue(text[next]), let low = digitValue(text[next + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
            next += 2
        } else {
            bytes.append(plusIsSpace && byte == plus ? space : byte)
        }
    }
    return bytes
}

public func percentDecoded(_ text: some StringProtocol, plusIsSpace: Bool = false) -> [UInt8]? {
    percentDecoded(Array(text.utf8), plusIsSpace: plusIsSpace)
}

/// A digit alone: a number parsed from two characters might have a sign.
private func digitValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}

private let percent = UInt8(ascii: "%")
private let plus = UInt8(ascii: "+")
private let space = UInt8(ascii: " ")
private let upperDigits = Array("0123456789ABCDEF".utf8)

// SPDX-License-Identifier: Apache-2.0

/// AWS's own percent-encoding: everything but letters, digits and `-._~`, byte by byte, in upper-case hexadecimal.
package enum URIEncoding {
    /// A part of a query, or one segment of a path: `/` is encoded too.
    package static func component(_ bytes: some Sequence<UInt8>) -> String { encode(bytes, keepingSlash: false) }
    package static func component(_ text: String) -> String { component(text.utf8) }

    /// A path of several segments: `/` stays.
    package static func path(_ bytes: some Sequence<UInt8>) -> String { encode(bytes, keepingSlash: true) }
    package static func path(_ text: String) -> String { path(text.utf8) }

    private static func encode(_ bytes: some Sequence<UInt8>, keepingSlash: Bool) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.underestimatedCount)
        for byte in bytes {
            if isUnreserved(byte) || (keepingSlash && byte == slash) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// The bytes that a text with `%XX` stands for; `plusIsSpace` where it is a form's. Nil when a `%` has no two digits.
    package static func decoded(_ text: some StringProtocol, plusIsSpace: Bool = false) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        Character(UnicodeScalar(digit)).hexDigitValue.map(UInt8.init)
    }

    private static let slash = UInt8(ascii: "/")
    private static let digits = Array("0123456789ABCDEF".utf8)
}

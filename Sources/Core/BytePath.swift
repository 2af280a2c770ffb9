// SPDX-License-Identifier: Apache-2.0

/// A relative path inside a store, identified by its bytes.
///
/// Swift's `String` calls NFC "é" and NFD "é" equal and turns non-UTF-8 into U+FFFD, so a set of names kept as strings
/// loses files. Bytes do neither. Components are separated by `/`; no meaning is given to any other byte.
public struct BytePath: Sendable, Hashable {
    /// As the file system or the server has them; any but NUL and `/` may stand in a name.
    public let bytes: [UInt8]

    /// Takes any bytes: whether they are a safe path is asked by `isUnsafe`, before they are used as one.
    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The path as text, or nil when it is not UTF-8.
    public var text: String? { String(validating: bytes, as: UTF8.self) }

    /// What follows the last `/`.
    public var name: BytePath { BytePath(bytes[(bytes.lastIndex(of: slash).map { $0 + 1 } ?? 0)...]) }

    /// What precedes the last `/`; empty for a bare name.
    public var directory: BytePath { BytePath(bytes[..<(bytes.lastIndex(of: slash) ?? 0)]) }

    /// What stands between the slashes; empty ones are kept, so a path with `//` has one.
    public var components: [ArraySlice<UInt8>] { bytes.split(separator: slash, omittingEmptySubsequences: false) }

    /// The other path below this one; below the empty path, which is the root, the other itself.
    public func appending(_ other: BytePath) -> BytePath {
        bytes.isEmpty ? other : BytePath(bytes + [slash] + other.bytes)
    }

    /// True when the last bytes are those of `suffix`, which may be a part of a name: `.md5`.
    public func hasSuffix(_ suffix: String) -> Bool { bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) }

    /// True when the path can leave the root it is opened under, or names nothing: absolute, empty, NUL, `.` or `..`.
    public var isUnsafe: Bool {
        bytes.contains(0)
            || components.contains { $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }
    }
}

private let slash = UInt8(ascii: "/")

extension BytePath: Comparable {
    /// By bytes, as object stores sort keys.
    public static func < (left: BytePath, right: BytePath) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

extension BytePath: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(value) }
}

extension BytePath: CustomStringConvertible {
    /// The path for people: control characters and bytes that are not UTF-8 appear as `\xNN`, so that a hostile name can
    /// neither drive a terminal nor pass for another one.
    public var description: String {
        guard let text else { return bytes.map { $0 < 0x20 || $0 > 0x7E ? escaped($0) : ascii($0) }.joined() }
        return text.unicodeScalars.map(visible).joined()
    }
}

private func visible(_ scalar: Unicode.Scalar) -> String {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse:
        String(scalar).utf8.map(escaped).joined()
    default:
        scalar == "\\" ? "\\\\" : String(scalar)
    }
}

private func ascii(_ byte: UInt8) -> String { byte == UInt8(ascii: "\\") ? "\\\\" : String(UnicodeScalar(byte)) }

private func escaped(_ byte: UInt8) -> String { "\\x" + hexadecimal([byte]) }

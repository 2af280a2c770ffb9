// SPDX-License-Identifier: Apache-2.0

/// A place inside a JSON document (RFC 6901), as the list of keys and indices that lead to it.
struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    var tokens: [String] = []

    init(tokens: [String] = []) { self.tokens = tokens }

    /// Nil when the text is neither empty nor starts with `/`, or holds a `~` that escapes nothing.
    init?(_ text: String) {
        guard !text.isEmpty else { return }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.first == "" else { return nil }
        for part in parts.dropFirst() {
            guard let token = Self.unescaped(part) else { return nil }
            tokens.append(token)
        }
    }

    var description: String { tokens.map { "/" + Self.escaped($0) }.joined() }

    func appending(_ more: String...) -> JSONPointer { JSONPointer(tokens: tokens + more) }

    private static func escaped(_ token: String) -> String {
        token.utf8.contains { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }
            ? token.unicodeScalars.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined() : token
    }

    private static func unescaped(_ part: Substring) -> String? {
        var token = String.UnicodeScalarView()
        var rest = part.unicodeScalars
        while let scalar = rest.popFirst() {
            guard scalar == "~" else {
                token.append(scalar)
                continue
            }
            switch rest.popFirst() {
            case "0": token.append("~")
            case "1": token.append("/")
            default: return nil
            }
        }
        return String(token)
    }
}

extension JSONValue {
    /// The value at a JSON Pointer such as `/product/files/0/uri`, or nil when there is none or it is no pointer.
    public subscript(pointer text: String) -> JSONValue? { JSONPointer(text).flatMap { self[$0] } }

    subscript(pointer: JSONPointer) -> JSONValue? {
        pointer.tokens.reduce(self as JSONValue?) { value, token in
            switch value {
            case .object(let object): object[token]
            case .array: Self.index(token).flatMap { value?[$0] }
            default: nil
            }
        }
    }

    /// An index is written without signs and leading zeros.
    private static func index(_ token: String) -> Int? {
        Int(token).flatMap { String($0) == token ? $0 : nil }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A URI taken apart (RFC 3986), as far as schemas need it: to resolve one against another and to set off its fragment.
struct URIReference {
    var scheme: String?
    var authority: String?
    var path = ""
    var query: String?
    var fragment: String?

    /// Takes any text apart; what is no URI ends up in the path.
    init(_ text: String) {
        var rest = text[...]
        fragment = Self.split(&rest, at: "#")
        query = Self.split(&rest, at: "?")
        if let colon = rest.firstIndex(of: ":"), !rest[..<colon].contains("/"), colon > rest.startIndex {
            scheme = String(rest[..<colon])
            rest = rest[rest.index(after: colon)...]
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        }
        path = String(rest)
    }

    /// Cuts off what follows the mark, and the mark.
    private static func split(_ rest: inout Substring, at mark: Character) -> String? {
        guard let place = rest.firstIndex(of: mark) else { return nil }
        defer { rest = rest[..<place] }
        return String(rest[rest.index(after: place)...])
    }

    /// The URI without its fragment: what names a document.
    var document: String {
        var text = scheme.map { $0 + ":" } ?? ""
        if let authority { text += "//" + authority }
        text += path
        if let query { text += "?" + query }
        return text
    }

    /// What the reference means when it is read inside the document `base` (RFC 3986 §5.2.2).
    func resolved(against base: URIReference) -> URIReference {
        guard scheme == nil else { return self }
        var target = self
        target.scheme = base.scheme
        guard authority == nil else { return target }
        target.authority = base.authority
        if path.isEmpty {
            target.path = base.path
            target.query = query ?? base.query
        } else {
            target.path = Self.withoutDots(path.hasPrefix("/") ? path : base.folder + path)
        }
        return target
    }

    /// The path up to its last slash.
    private var folder: String {
        if path.isEmpty && authority != nil { return "/" }
        return path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    private static func withoutDots(_ path: String) -> String {
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            if segment == ".." && kept.count > 1 { kept.removeLast() }
            let isDots = segment == "." || segment == ".."
            if !isDots { kept.append(segment) } else if index == segments.count - 1 { kept.append("") }
        }
        return kept.joined(separator: "/")
    }

    /// The fragment with its percent-escapes undone, empty when there is none, or nil when the escapes are not UTF-8.
    var decodedFragment: String? {
        guard let fragment, fragment.contains("%") else { return fragment ?? "" }
        var bytes: [UInt8] = []
        var rest = Array(fragment.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2, let high = hexadecimalDigit(rest[rest.startIndex]),
                let low = hexadecimalDigit(rest[rest.startIndex + 1])
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(UInt8(high << 4 | low))
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

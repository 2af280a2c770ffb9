// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Reads the links of an HTML page as it arrives, in little memory, and notices a page that is no listing or was cut.
///
/// Comments, scripts and styles hold no links. Nothing else of HTML matters here.
struct LinkScanner: Sendable {
    private enum State {
        case text
        case tag
        /// Within a tag's quoted value.
        case quoted(UInt8)
        case comment
        /// Within an element whose content is no HTML, until its end tag.
        case raw(String)
    }

    private var state = State.text
    private var tag: [UInt8] = []
    private var tail: [UInt8] = []
    private var title: [UInt8]?
    private var isInTitle = false
    private var isOpen = false
    private var isClosed = false

    /// The values of the `href`s that were completed by these bytes, entities decoded.
    mutating func take(_ bytes: some Sequence<UInt8>) throws(GranaryError) -> [[UInt8]] {
        var links: [[UInt8]] = []
        for byte in bytes { if let link = try take(byte) { links.append(link) } }
        return links
    }

    /// Throws unless this was a listing, whole.
    func finish() throws(GranaryError) {
        let words = String(decoding: title ?? [], as: UTF8.self).lowercased()
        guard ["index of", "directory listing", "listing of"].contains(where: words.contains) else {
            throw .noListing("its title does not say that it is one")
        }
        guard !isOpen || isClosed else { throw .noListing("it ends before its </html>") }
    }

    private mutating func take(_ byte: UInt8) throws(GranaryError) -> [UInt8]? {
        switch state {
        case .text: readText(byte)
        case .tag where byte == quote || byte == apostrophe:
            state = .quoted(byte)
            try append(byte)
        case .tag where byte == greater: return endTag()
        case .tag:
            try append(byte)
            if tag.elementsEqual("!--".utf8) { begin(.comment) }
        case .quoted(let mark):
            try append(byte)
            if byte == mark { state = .tag }
        case .comment: if sees("-->", byte) { begin(.text) }
        case .raw(let name): if sees("</" + name, byte) { begin(.tag) }
        }
        return nil
    }

    private mutating func readText(_ byte: UInt8) {
        if byte == less { return begin(.tag) }
        if isInTitle, (title?.count ?? 0) < titleLimit { title = (title ?? []) + [byte] }
    }

    private mutating func begin(_ next: State) {
        state = next
        tag = []
        tail = []
    }

    private mutating func append(_ byte: UInt8) throws(GranaryError) {
        guard tag.count < tagLimit else { throw .noListing("a tag in it has more than \(tagLimit) bytes") }
        tag.append(byte)
    }

    /// True when the last bytes, letters in either case, are `text`.
    private mutating func sees(_ text: String, _ byte: UInt8) -> Bool {
        tail.append(lowercase(byte))
        if tail.count > text.utf8.count { tail.removeFirst() }
        return tail.elementsEqual(text.utf8)
    }

    private mutating func endTag() -> [UInt8]? {
        let parsed = HTMLTag(tag)
        begin(["script", "style"].contains(parsed.name) ? .raw(parsed.name) : .text)
        switch parsed.name {
        case "html": isOpen = true
        case "/html": isClosed = true
        case "title": isInTitle = title == nil
        case "/title": isInTitle = false
        case "a": return parsed.attribute("href").map(decodedEntities)
        default: break
        }
        return nil
    }
}

/// A tag without its brackets.
private struct HTMLTag {
    let name: String
    private let rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        let end = bytes.firstIndex(where: isSpace) ?? bytes.endIndex
        name = String(decoding: bytes[..<end].map(lowercase), as: UTF8.self)
        rest = bytes[end...]
    }

    func attribute(_ wanted: String) -> [UInt8]? {
        var rest = rest
        while let (name, value) = Self.next(&rest) { if name == wanted { return value } }
        return nil
    }

    private static func next(_ rest: inout ArraySlice<UInt8>) -> (String, [UInt8])? {
        rest = rest.drop { isSpace($0) || $0 == slash }
        guard !rest.isEmpty else { return nil }
        let name = take(&rest) { !isSpace($0) && $0 != equals }
        rest = rest.drop(while: isSpace)
        guard rest.first == equals else { return (text(name), []) }
        rest = rest.dropFirst().drop(while: isSpace)
        guard let mark = rest.first, mark == quote || mark == apostrophe else {
            return (text(name), Array(take(&rest) { !isSpace($0) }))
        }
        rest = rest.dropFirst()
        let value = take(&rest) { $0 != mark }
        rest = rest.dropFirst()
        return (text(name), Array(value))
    }

    private static func text(_ name: ArraySlice<UInt8>) -> String {
        String(decoding: name.map(lowercase), as: UTF8.self)
    }

    private static func take(_ rest: inout ArraySlice<UInt8>, while goesOn: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let end = rest.firstIndex { !goesOn($0) } ?? rest.endIndex
        // A lone "=" must not stop us for ever.
        let part = end == rest.startIndex ? rest.prefix(rest.first == equals ? 0 : 1) : rest[..<end]
        rest = rest[part.endIndex...]
        return part
    }
}

/// Bytes of one tag; a link of the longest path stays below it.
private let tagLimit = 32 << 10
private let titleLimit = 1024

private let less = UInt8(ascii: "<")
private let greater = UInt8(ascii: ">")
private let quote = UInt8(ascii: "\"")
private let apostrophe = UInt8(ascii: "'")
private let equals = UInt8(ascii: "=")
private let slash = UInt8(ascii: "/")

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

private func lowercase(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

/// The few entities that listings use, and numbers.
func decodedEntities(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = bytes[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "&"), let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")),
            let decoded = entity(String(decoding: rest[..<end], as: UTF8.self))
        else {
            result.append(byte)
            continue
        }
        result += decoded
        rest = rest[(end + 1)...]
    }
    return result
}

private func entity(_ name: String) -> [UInt8]? {
    let known = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
    if let text = known[name] { return Array(text.utf8) }
    guard name.hasPrefix("#") else { return nil }
    let digits = name.dropFirst()
    let number = digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return number.flatMap(UnicodeScalar.init).map { Array(String($0).utf8) }
}

extension GranaryError {
    static func noListing(_ why: String) -> GranaryError {
        GranaryError(
            .sourceUnreadable, "What the server shows is not a whole listing: \(why).",
            remedy:
                "Turn on the server's listing (nginx: autoindex, best with autoindex_format json) for this address.",
            disposition: .retry(after: nil))
    }
}

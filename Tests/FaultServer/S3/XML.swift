// SPDX-License-Identifier: Apache-2.0

/// An XML element: text or children, no attributes, no name spaces.
struct XML: Sendable {
    var name: String
    var text: String
    var children: [XML]

    init(_ name: String, _ text: String) { (self.name, self.text, children) = (name, text, []) }
    init(_ name: String, _ children: [XML]) { (self.name, text, self.children) = (name, "", children) }

    func first(_ name: String) -> XML? { children.first { $0.name == name } }
    func all(_ name: String) -> [XML] { children.filter { $0.name == name } }

    var written: String { "<\(name)>\(Self.escaped(text))\(children.map(\.written).joined())</\(name)>" }

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 38 || $0 == 60 || $0 == 62 || $0 == 34 || $0 == 13 }) else {
            return text
        }
        var safe = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": safe += "&amp;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "\"": safe += "&quot;"
            case "\r": safe += "&#13;"
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }
}

extension Reply {
    /// A document in S3's name space, or another.
    static func xml(
        _ root: XML, status: Int = 200, nameSpace: String = "http://s3.amazonaws.com/doc/2006-03-01/"
    ) -> Reply {
        let inner = root.written.dropFirst(root.name.utf8.count + 2)
        let text =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<\(root.name) xmlns=\"\(nameSpace)\">\(inner)"
        return Reply(status, [Header(name: "content-type", value: "application/xml")], body: Array(text.utf8))
    }

    /// A refusal as S3 says it.
    static func s3(_ refusal: Refusal, resource: String) -> Reply {
        let details = refusal.details.map { XML($0.name, $0.value) }
        let root = XML(
            "Error",
            [XML("Code", refusal.code), XML("Message", refusal.message)] + details
                + [XML("Resource", resource), XML("RequestId", "FAULT"), XML("HostId", "loopback")])
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(root.written)"
        var reply = Reply(
            refusal.status, [Header(name: "content-type", value: "application/xml")], body: Array(text.utf8))
        reply.headers += refusal.headers
        return reply
    }
}

/// Reads the small documents that requests carry: elements, text, the five entities; no DOCTYPE.
struct XMLDocumentReader {
    private var rest: Substring

    /// The root element. Throws `MalformedXML`.
    static func read(_ bytes: [UInt8]) throws(Refusal) -> XML {
        var reader = XMLDocumentReader(rest: Substring(String(decoding: bytes, as: UTF8.self)))
        guard let root = reader.element(depth: 0) else {
            throw Refusal(400, "MalformedXML", "The XML you provided was not well-formed")
        }
        return root
    }

    private mutating func element(depth: Int) -> XML? {
        skipProlog()
        guard depth < 16, rest.first == "<", let end = rest.firstIndex(of: ">") else { return nil }
        var tag = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        let isEmpty = tag.last == "/"
        if isEmpty { tag = tag.dropLast() }
        guard let name = tag.split(separator: " ").first.map(String.init) else { return nil }
        return isEmpty ? XML(name, "") : content(of: name, depth: depth)
    }

    private mutating func content(of name: String, depth: Int) -> XML? {
        var element = XML(name, "")
        while let open = rest.firstIndex(of: "<") {
            element.text += Self.plain(rest[..<open])
            rest = rest[open...]
            if rest.hasPrefix("</") {
                guard let end = rest.firstIndex(of: ">"), rest.dropFirst(2).hasPrefix(name) else { return nil }
                rest = rest[rest.index(after: end)...]
                return element
            }
            guard let child = self.element(depth: depth + 1) else { return nil }
            element.children.append(child)
        }
        return nil
    }

    private mutating func skipProlog() {
        rest = rest.drop(while: \.isWhitespace)
        guard rest.hasPrefix("<?"), let end = rest.firstIndex(of: ">") else { return }
        rest = rest[rest.index(after: end)...].drop(while: \.isWhitespace)
    }

    private static func plain(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        var parts = text.split(separator: "&", omittingEmptySubsequences: false)
        var plain = String(parts.removeFirst())
        for part in parts {
            let pieces = part.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
            plain += entity(pieces[0]) + (pieces.count > 1 ? pieces[1] : "")
        }
        return plain
    }

    private static func entity(_ name: Substring) -> String {
        if name.hasPrefix("#x") { return scalar(UInt32(name.dropFirst(2), radix: 16)) }
        if name.hasPrefix("#") { return scalar(UInt32(name.dropFirst())) }
        return ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"][name] ?? ""
    }

    private static func scalar(_ number: UInt32?) -> String {
        number.flatMap(Unicode.Scalar.init).map(String.init) ?? ""
    }
}

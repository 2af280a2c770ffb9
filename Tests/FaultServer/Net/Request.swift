// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One header line; names are kept in lower case.
struct Header: Sendable, Hashable {
    var name: String
    var value: String
}

/// One HTTP request, whole.
public struct Request: Sendable {
    public var method: String
    /// As it was sent: percent-encoded, without the query.
    public var path: String
    /// As it was sent, without the question mark.
    public var query: String
    public var body: [UInt8]
    var headers: [Header]

    /// The parameters of the query, decoded.
    var parameters: [String: String]

    /// All values of a header, joined by commas; the name in lower case.
    public func header(_ name: String) -> String? {
        let values = headers.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ",")
    }

    /// The bytes of the path, decoded.
    var decodedPath: [UInt8] { PercentCode.decode(path.utf8) ?? [] }

    var keepsAlive: Bool { header("connection")?.lowercased() != "close" }
}

extension Request {
    /// Reads the next request of a connection, body included; nil when there is none or it is no HTTP.
    static func read(from wire: Wire) -> Request? {
        guard let head = wire.head(), var request = Request(head: head) else { return nil }
        if request.header("expect")?.lowercased() == "100-continue" {
            guard wire.send("HTTP/1.1 100 Continue\r\n\r\n".utf8) else { return nil }
        }
        guard let body = request.isChunked ? chunkedBody(from: wire) : request.plainBody(from: wire) else { return nil }
        request.body = body
        return request
    }

    private var isChunked: Bool { header("transfer-encoding")?.lowercased() == "chunked" }

    init?(head: [UInt8]) {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true)
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
        method = String(words[0])
        let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(target[0])
        query = target.count > 1 ? String(target[1]) : ""
        body = []
        headers = lines.dropFirst().compactMap(Header.init(line:))
        parameters = Self.parameters(query)
    }

    private func plainBody(from wire: Wire) -> [UInt8]? {
        guard let text = header("content-length") else { return [] }
        guard let length = Int(text), (0...1 << 30).contains(length) else { return nil }
        return wire.exactly(length)
    }

    private static func chunkedBody(from wire: Wire) -> [UInt8]? {
        var body: [UInt8] = []
        while let line = wire.line() {
            let digits = String(decoding: line.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
            guard let size = Int(digits, radix: 16) else { return nil }
            if size == 0 { break }
            guard let bytes = wire.exactly(size), wire.line() == [] else { return nil }
            body += bytes
        }
        while let line = wire.line() {
            if line.isEmpty { return body }
        }
        return nil
    }

    /// The parameters of a query or of a form. A name given twice keeps its last value; one without value has "".
    static func parameters(_ text: String) -> [String: String] {
        var found: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            found[decoded(parts[0])] = parts.count > 1 ? decoded(parts[1]) : ""
        }
        return found
    }

    private static func decoded(_ text: Substring) -> String {
        String(decoding: PercentCode.decode(text.utf8, plusIsSpace: true) ?? [], as: UTF8.self)
    }
}

extension Header {
    init?(line: Substring) {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        name = line[..<colon].lowercased()
        value = String(line[line.index(after: colon)...].trimmed)
    }
}

extension Substring {
    /// Without spaces and tabs at both ends.
    var trimmed: Substring {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        guard let last = lastIndex(where: { !isSpace($0) }) else { return "" }
        return self[...last].drop(while: isSpace)
    }
}

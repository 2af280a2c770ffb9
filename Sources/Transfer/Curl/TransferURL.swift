// SPDX-License-Identifier: Apache-2.0

import CCurl
import GranaryCore

/// A URL as curl itself reads it, so that what was checked is what is contacted.
struct TransferURL: Sendable, Hashable {
    let text: String
    /// In lower case.
    let scheme: String
    /// In lower case; a literal IPv6 address without its brackets, an IPv4 one in its four decimal numbers.
    let host: String
    let port: String
    /// For people: no user, no query, which may hold a signature.
    let subject: String

    static let schemes: Set<String> = ["http", "https", "sftp", "ftp", "ftps"]

    /// Throws `input.invalid` for what is no URL, names a user, or speaks another protocol.
    init(_ text: String) throws(GranaryError) {
        let subject = Self.withoutQuery(text)
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let parts = URLParts(text) else {
            throw .badURL(subject, "is not a URL that can be sent")
        }
        try self.init(text, parts, subject: subject)
    }

    /// Where a `Location` leads from here, nil when nowhere.
    func following(_ location: String) -> TransferURL? {
        guard location.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let parts = URLParts(text),
            let next = parts.moved(to: location)
        else { return nil }
        return try? TransferURL(next)
    }

    private init(_ text: String, _ parts: URLParts, subject: String) throws(GranaryError) {
        guard let scheme = parts[CURLUPART_SCHEME], Self.schemes.contains(scheme.lowercased()) else {
            throw .badURL(subject, "speaks a protocol that is not spoken here")
        }
        guard parts[CURLUPART_USER] == nil, parts[CURLUPART_PASSWORD] == nil else {
            throw .badURL(scheme + "://…", "names a user")
        }
        guard let host = parts[CURLUPART_HOST], let port = parts.port else { throw .badURL(subject, "names no host") }
        self.text = text
        self.subject = subject
        self.scheme = scheme.lowercased()
        self.host = host.lowercased().trimmed(of: ["[", "]", "."])
        self.port = port
    }

    /// Scheme, host and port: what limits hold for.
    var origin: String { "\(scheme)://\(host):\(port)" }
    var isHTTP: Bool { scheme == "http" || scheme == "https" }

    private static func withoutQuery(_ text: String) -> String {
        String(text.prefix { $0 != "?" && $0 != "#" })
    }
}

extension String {
    fileprivate func trimmed(of characters: Set<Character>) -> String {
        var rest = self[...]
        while let first = rest.first, characters.contains(first) { rest.removeFirst() }
        while let last = rest.last, characters.contains(last) { rest.removeLast() }
        return String(rest)
    }
}

/// curl's own parser.
private final class URLParts {
    private let handle: OpaquePointer

    init?(_ text: String) {
        guard let handle = curl_url() else { return nil }
        self.handle = handle
        guard curl_url_set(handle, CURLUPART_URL, text, UInt32(CURLU_PATH_AS_IS)) == CURLUE_OK else { return nil }
    }

    deinit { curl_url_cleanup(handle) }

    subscript(_ part: CURLUPart) -> String? { text(of: part, flags: 0) }

    var port: String? { text(of: CURLUPART_PORT, flags: UInt32(CURLU_DEFAULT_PORT)) }

    func moved(to location: String) -> String? {
        guard curl_url_set(handle, CURLUPART_URL, location, 0) == CURLUE_OK else { return nil }
        return self[CURLUPART_URL]
    }

    private func text(of part: CURLUPart, flags: UInt32) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}

extension GranaryError {
    fileprivate static func badURL(_ subject: String, _ what: String) -> GranaryError {
        GranaryError(
            .invalid, "'\(subject)' \(what).", subject: subject,
            remedy: "Give an http, https, sftp, ftp or ftps URL, percent-encoded, with user and password beside it.",
            disposition: .quarantine)
    }
}

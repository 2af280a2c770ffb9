// SPDX-License-Identifier: Apache-2.0

import GranaryCore
package import GranaryTransfer

/// A request as far as its signature goes.
package struct SigningRequest: Sendable {
    package var method: String
    /// As it is sent: encoded, with a `/` in front.
    package var path: String
    package var query: [QueryItem]
    /// With `Host`.
    package var headers: [TransferHeader]
    package var payload: SigV4.Payload

    package init(
        method: String, path: String, query: [QueryItem] = [], headers: [TransferHeader],
        payload: SigV4.Payload = .empty
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.payload = payload
    }
}

/// The one form of a request that both sides write down and hash.
package struct CanonicalRequest: Sendable, Hashable {
    /// What is hashed.
    package let text: String
    /// The names of the headers under the signature: `host;x-amz-date`.
    package let signedHeaders: String

    package init(_ request: SigningRequest, paths: SigV4.PathRule) {
        let headers = Self.merged(request.headers)
        signedHeaders = headers.map(\.name).joined(separator: ";")
        text = [
            request.method, Self.path(request.path, paths), request.query.canonical,
            headers.map { "\($0.name):\($0.value)\n" }.joined(), signedHeaders, request.payload.text,
        ].joined(separator: "\n")
    }

    /// The SHA-256 of the text, in hexadecimal.
    package var digest: String { Checksum(.sha256, of: Array(text.utf8)).hex }

    /// Names in lower case and in order; values of one name joined by commas in the order they are sent.
    private static func merged(_ headers: [TransferHeader]) -> [TransferHeader] {
        var values: [String: [String]] = [:]
        for header in headers { values[header.name.lowercased(), default: []].append(collapsed(header.value)) }
        return values.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.joined(separator: ",")) }
    }

    /// No white space at either end, and one space where there was more.
    private static func collapsed(_ value: String) -> String {
        value.utf8.split { $0 == 0x20 || (0x09...0x0D).contains($0) }.map { String(Substring($0)) }
            .joined(separator: " ")
    }

    private static func path(_ path: String, _ rule: SigV4.PathRule) -> String {
        switch rule {
        case .asSent: path
        case .encodedAgain: percentEncoded(path, keeping: .path)
        case .normalized: percentEncoded(normalized(path), keeping: .path)
        }
    }

    /// RFC 3986 §5.2.4, and `//` taken for `/`.
    private static func normalized(_ path: String) -> String {
        var kept: [Substring] = []
        let segments = path.split(separator: "/")
        for segment in segments where segment != "." {
            if segment == ".." { _ = kept.popLast() } else { kept.append(segment) }
        }
        let isFolder = path.hasSuffix("/") || segments.last == "." || segments.last == ".."
        return "/" + kept.joined(separator: "/") + (isFolder && !kept.isEmpty ? "/" : "")
    }
}

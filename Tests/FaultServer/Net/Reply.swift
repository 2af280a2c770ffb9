// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// One HTTP answer, whole, before faults are put on it.
struct Reply: Sendable {
    var status: Int
    var headers: [Header] = []
    var body: [UInt8] = []
    /// True for the answer to HEAD: the length is told, the bytes are not.
    var tellsLengthOnly = false

    init(_ status: Int, _ headers: [Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    mutating func set(_ name: String, _ value: String?) {
        headers.removeAll { $0.name == name }
        if let value { headers.append(Header(name: name, value: value)) }
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The status line and the headers, with an empty line after them. A nil length says nothing about the length.
    func head(length: Int?, keepsAlive: Bool, date: String) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(Self.phrases[status] ?? "Other")\r\ndate: \(date)\r\nserver: FaultServer\r\n"
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        if let length, status != 204, status != 304 { text += "content-length: \(length)\r\n" }
        if !keepsAlive { text += "connection: close\r\n" }
        return Array((text + "\r\n").utf8)
    }

    private static let phrases = [
        200: "OK", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently", 302: "Found",
        304: "Not Modified", 307: "Temporary Redirect", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 409: "Conflict", 412: "Precondition Failed", 416: "Range Not Satisfiable",
        429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
    ]
}

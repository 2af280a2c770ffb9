// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Status and headers of an http answer, read line by line as curl gives them. A new status line begins anew, so that
/// interim answers are forgotten.
struct AnswerHead {
    private(set) var status = 0
    private(set) var headers: [TransferHeader] = []
    /// True once the empty line of an answer, and of no interim one, has come; curl takes a connection that ends before it
    /// for the end of an answer.
    private(set) var isWhole = false
    private var isMessageFramed = false
    private var count = 0

    /// Takes one line. Throws `limit.reached` when the head is longer than anybody needs.
    mutating func take(_ line: some Collection<UInt8>) throws(GranaryError) {
        count += line.count
        guard count <= headLimit else { throw .longHead() }
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") { return begin(text) }
        if trimmed(text[...]).isEmpty { return isWhole = status >= 200 }
        if let first = text.utf8.first, first == 0x20 || first == 0x09, !headers.isEmpty {
            headers[headers.count - 1].value += " " + trimmed(text[...])
        } else if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
            headers.append(TransferHeader(trimmed(text[..<colon]), trimmed(text[text.index(after: colon)...])))
        }
    }

    private mutating func begin(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 2)
        status = words.count > 1 ? Int(trimmed(words[1])) ?? 0 : 0
        headers = []
        isWhole = false
        isMessageFramed = line.hasPrefix("HTTP/2") || line.hasPrefix("HTTP/3")
    }

    func answer(to request: TransferRequest) -> TransferAnswer {
        var answer = TransferAnswer()
        answer.status = status
        answer.headers = headers
        let hasNoBody = request.method == "HEAD" || status == 204 || status == 304
        let isChunked = answer.header("Transfer-Encoding")?.lowercased().contains("chunked") == true
        answer.length =
            isChunked ? nil : answer.header("Content-Length").flatMap { Int64($0) }.flatMap { $0 < 0 ? nil : $0 }
        answer.isFramed = hasNoBody || isMessageFramed || isChunked || answer.length != nil
        return answer
    }
}

/// Bytes of one head: S3 allows 8 KiB of metadata, and servers' own bounds end far below this.
private let headLimit = 256 << 10

private func trimmed(_ text: Substring) -> String {
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
    let bytes = text.utf8
    guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(text[first...last])
}

extension GranaryError {
    fileprivate static func longHead() -> GranaryError {
        GranaryError(
            .limitReached, "The server's headers are longer than \(headLimit) bytes.",
            remedy: "Check that the address is that of the server that is meant.", disposition: .quarantine)
    }
}

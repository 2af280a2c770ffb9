// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Cuts a listing into its lines as it arrives.
struct LineSplitter: Sendable {
    enum Framing: Sendable {
        /// Each piece that arrives is one line: libcurl hands over sftp names one by one, so that a line break inside a
        /// name does not make two of it.
        case pieces
        /// Lines end with LF or CRLF.
        case lineBreaks
    }

    private let framing: Framing
    private var rest: [UInt8] = []

    init(_ framing: Framing) { self.framing = framing }

    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(GranaryError) -> [[UInt8]] {
        if framing == .pieces {
            guard bytes.last == lineFeed else { throw .unreadableLine(Array(bytes)) }
            return [Array(bytes.dropLast())]
        }
        var lines: [[UInt8]] = []
        for part in bytes.split(separator: lineFeed, omittingEmptySubsequences: false).dropLast() {
            rest.append(contentsOf: part)
            if rest.last == carriageReturn { rest.removeLast() }
            if !rest.isEmpty { lines.append(rest) }
            rest = []
        }
        rest.append(contentsOf: bytes[((bytes.lastIndex(of: lineFeed) ?? -1) + 1)...])
        guard rest.count <= lineLimit else { throw .unreadableLine(rest) }
        return lines
    }

    /// Throws when the last line has no end: then it is not known whether it was the last.
    func finish() throws(GranaryError) {
        guard !rest.isEmpty else { return }
        throw GranaryError(
            .connectionLost, "The listing ended within a line: '\(BytePath(rest.prefix(300)))'.",
            remedy: "Check the way to the server; the listing is tried again.", disposition: .retry(after: nil))
    }
}

/// Bytes of one line: a name has at most 255, a path 4095.
private let lineLimit = 64 << 10
private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")

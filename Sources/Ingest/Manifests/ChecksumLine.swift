// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// One line of a manifest, in any of the spellings met in the wild.
///
///     9f2c…41                          a bare digest, as hexadecimal or base64, upper or lower case
///     9f2c…41  name                    md5sum: two spaces (text) or a space and `*` (binary); a leading `\` escapes the name
///     SHA256 (name) = 9f2c…41          BSD
struct ChecksumLine: Hashable {
    var checksum: Checksum
    /// Nil for a bare digest.
    var name: BytePath?
    /// True when the name ends with the line, so that a line that was cut off can look whole.
    var endsWithName: Bool

    /// Nil when the line is none of the spellings. `expected` is what the manifest's name says of the algorithm.
    init?(_ line: ArraySlice<UInt8>, expected: Checksum.Algorithm?) {
        if let tagged = Self(tagged: line) {
            self = tagged
        } else if let listed = Self(listed: line, expected: expected) {
            self = listed
        } else {
            return nil
        }
        if let expected, checksum.algorithm != expected { return nil }
    }

    /// `SHA256 (name) = digest`
    private init?(tagged line: ArraySlice<UInt8>) {
        guard let open = line.firstRange(of: " (".utf8), let close = line.lastRange(of: ") = ".utf8),
            open.upperBound <= close.lowerBound,
            let word = String(validating: line[..<open.lowerBound], as: UTF8.self),
            let algorithm = Checksum.Algorithm(spelling: word),
            let checksum = Checksum(spelled: line[close.upperBound...], algorithm)
        else { return nil }
        self.checksum = checksum
        name = BytePath(line[open.upperBound..<close.lowerBound])
        endsWithName = false
    }

    private init?(listed line: ArraySlice<UInt8>, expected: Checksum.Algorithm?) {
        let isEscaped = line.first == UInt8(ascii: "\\")
        let line = isEscaped ? line.dropFirst() : line
        let digest = line.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        guard let checksum = Checksum(spelled: digest, expected) else { return nil }
        self.checksum = checksum
        var rest = line[digest.endIndex...]
        endsWithName = !rest.isEmpty
        guard endsWithName else { return }
        rest.removeFirst()
        // The second character is md5sum's mode; a list made by hand may have one separator only, or many.
        if let mode = rest.first, mode == UInt8(ascii: " ") || mode == UInt8(ascii: "*") { rest.removeFirst() }
        if !isEscaped { rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }
        guard !rest.isEmpty else { return nil }
        name = BytePath(isEscaped ? Self.unescaped(rest) : Array(rest))
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var isEscape = false
        for byte in bytes {
            switch (isEscape, byte) {
            case (false, UInt8(ascii: "\\")): isEscape = true; continue
            case (true, UInt8(ascii: "n")): result.append(UInt8(ascii: "\n"))
            case (true, UInt8(ascii: "r")): result.append(UInt8(ascii: "\r"))
            default: result.append(byte)
            }
            isEscape = false
        }
        return result
    }
}

extension Checksum {
    /// A digest as manifests spell it: hexadecimal of either case, or base64. Without an algorithm its length decides.
    init?(spelled bytes: ArraySlice<UInt8>, _ algorithm: Algorithm?) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let candidates = algorithm.map { [$0] } ?? Algorithm.digests
        for candidate in candidates {
            if let checksum = Checksum(candidate, hex: text) { self = checksum; return }
        }
        guard let digest = Self.wholeBase64(text) else { return nil }
        for candidate in candidates {
            if let checksum = Checksum(candidate, digest: digest) { self = checksum; return }
        }
        return nil
    }
}

extension Checksum {
    /// Only base64 with its padding counts: half a hexadecimal digest is base64 of something, too.
    private static func wholeBase64(_ text: String) -> [UInt8]? {
        let isHexadecimal = text.utf8.allSatisfy { "0123456789abcdefABCDEF".utf8.contains($0) }
        return text.utf8.count % 4 == 0 && !isHexadecimal ? base64Bytes(text) : nil
    }
}

extension ArraySlice<UInt8> {
    fileprivate func firstRange(of word: some Swift.Collection<UInt8>) -> Range<Int>? {
        indices.first { self[$0...].starts(with: word) }.map { $0..<($0 + word.count) }
    }

    fileprivate func lastRange(of word: some Swift.Collection<UInt8>) -> Range<Int>? {
        indices.last { self[$0...].starts(with: word) }.map { $0..<($0 + word.count) }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// An absolute URI with a hierarchical path: scheme, authority, path, and nothing else.
///
/// User names, ports of odd forms, queries and fragments have no business in the URI of a file, so a text that has them
/// is not one: what cannot be read in one way only is refused.
struct ResourceURI: Hashable {
    /// Lower case.
    let scheme: String
    /// Host and port in lower case, or a bucket as it is written; empty for `file`.
    let authority: String
    /// The path's bytes without the leading slash, decoded.
    let path: BytePath

    init?(parsing text: String) {
        guard let separator = text.utf8.firstRange(of: "://"), text.utf8.allSatisfy(isGraphic),
            !text.utf8.contains(where: { "?#\\@".utf8.contains($0) })
        else { return nil }
        scheme = text[..<separator.lowerBound].lowercased()
        guard scheme.utf8.first.map(isLetter) == true, scheme.utf8.allSatisfy(isSchemeByte) else { return nil }
        let rest = text[separator.upperBound...]
        let host = rest.prefix { $0 != "/" }
        authority = scheme == "s3" ? String(host) : host.lowercased()
        let encoded = rest[host.endIndex...].utf8.dropFirst()
        // A key of an object store is what it is; everywhere else `%41` is an `A`.
        guard let bytes = scheme == "s3" ? Array(encoded) : percentDecoded(Array(encoded)) else { return nil }
        path = BytePath(bytes)
        guard scheme == "file" ? authority.isEmpty : !authority.isEmpty else { return nil }
    }

    /// Where `path` lies below this base, or nil when it can't be written so that all readers understand the same.
    static func text(base: String, path: BytePath) -> String? {
        let base = base.hasSuffix("/") ? String(base.dropLast()) : base
        if base.lowercased().hasPrefix("s3://") {
            guard path.bytes.allSatisfy(PlainBytes.wholePath.contains) else { return nil }
            return base + "/" + String(decoding: path.bytes, as: UTF8.self)
        }
        return base + "/" + percentEncoded(path.bytes, keeping: .wholePath)
    }
}

extension String.UTF8View {
    fileprivate func firstRange(of needle: String) -> Range<Index>? {
        let needle = Array(needle.utf8)
        return indices.lazy.compactMap { start in
            guard let end = index(start, offsetBy: needle.count, limitedBy: endIndex),
                self[start..<end].elementsEqual(needle)
            else { return nil }
            return start..<end
        }.first
    }
}

private func isGraphic(_ byte: UInt8) -> Bool { byte > 0x20 && byte != 0x7F }

private func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

private func isSchemeByte(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || "+-.".utf8.contains(byte) }

// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Lines of `MLSD` (RFC 3659): facts with a name, made for programs.
enum MachineListing {
    /// What a line names. Throws `listing.unreadable` for a line that is none.
    static func name(of line: [UInt8]) throws(GranaryError) -> ListedName? {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")), space + 1 < line.count else {
            throw .unreadableLine(line)
        }
        let facts = facts(String(decoding: line[..<space], as: UTF8.self))
        guard let type = facts["type"] else { throw .unreadableLine(line) }
        let modified = facts["modify"].flatMap(seconds)
        let size = facts["size"].flatMap { Int64($0) }.flatMap { $0 < 0 ? nil : $0 }
        let kind = kind(type.lowercased())
        let status = kind == .file ? size.map { RemoteStatus(size: $0, modified: modified) } : nil
        let named = ListedName(
            name: Array(line[(space + 1)...]), kind: kind, size: size ?? 0, stamp: facts["modify"] ?? "",
            status: modified == nil ? nil : status)
        return type.lowercased() == "cdir" || type.lowercased() == "pdir" ? nil : named
    }

    private static func facts(_ text: String) -> [String: String] {
        var facts: [String: String] = [:]
        for fact in text.split(separator: ";") {
            guard let equals = fact.firstIndex(of: "=") else { continue }
            facts[fact[..<equals].lowercased()] = String(fact[fact.index(after: equals)...])
        }
        return facts
    }

    private static func kind(_ type: String) -> StoreEntry.Kind {
        switch type {
        case "file": .file
        case "dir", "cdir", "pdir": .directory
        case _ where type.hasPrefix("os.unix=slink") || type.hasPrefix("os.unix=symlink"): .symbolicLink
        default: .device
        }
    }

    /// `20261125134847` or with decimals, in UTC, as seconds since 1970.
    private static func seconds(_ text: String) -> Int64? {
        let digits = Array(text.utf8.prefix(14))
        guard digits.count == 14, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let part = { (range: Range<Int>) in String(decoding: digits[range], as: UTF8.self) }
        let text = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))Z"
        return Timestamp(parsing: text).map { $0.microseconds / 1_000_000 }
    }
}

// SPDX-License-Identifier: Apache-2.0

package import GranaryCore

/// Lines as `ls -l` writes them: what sftp and most ftp servers list by.
///
/// Mode, links, owner, perhaps group, size, date, then one space, then the name up to the end of the line, whatever it
/// holds. Only the date is fixed in its form, so the line is read from there to both sides.
enum UnixListing {
    /// What a line names; nil for a line that names nothing (`total 12`). Throws `listing.unreadable` for any other.
    static func name(of line: [UInt8]) throws(GranaryError) -> ListedName? {
        if isTotal(line) { return nil }
        guard let kind = line.first.flatMap(kind(of:)), let date = Date(in: line) else {
            throw .unreadableLine(line)
        }
        var name = Array(line[date.end...])
        if kind == .symbolicLink, let arrow = name.firstRange(of: " -> ".utf8) {
            name.removeSubrange(arrow.lowerBound...)
        }
        guard !name.isEmpty else { throw .unreadableLine(line) }
        return ListedName(
            name: name, kind: kind, size: date.size, stamp: String(decoding: date.text, as: UTF8.self), status: nil)
    }

    private static func isTotal(_ line: [UInt8]) -> Bool {
        guard line.starts(with: "total ".utf8) else { return false }
        return line.dropFirst(6).allSatisfy { isDigit($0) || $0 == space || $0 == UInt8(ascii: "K") }
    }

    private static func kind(of letter: UInt8) -> StoreEntry.Kind? {
        switch letter {
        case UInt8(ascii: "-"): .file
        case UInt8(ascii: "d"): .directory
        case UInt8(ascii: "l"): .symbolicLink
        case UInt8(ascii: "p"): .pipe
        case UInt8(ascii: "s"): .socket
        case UInt8(ascii: "b"), UInt8(ascii: "c"), UInt8(ascii: "D"): .device
        default: nil
        }
    }
}

/// The size and the date of a line, and where the name begins: `5 Nov 25 13:48`, `5 Nov 25  2026`, `5 2026-11-25 13:48`.
private struct Date {
    let size: Int64
    let text: ArraySlice<UInt8>
    let end: Int

    init?(in line: [UInt8]) {
        // After mode, links and owner; a longer prefix has no group of people's names.
        let words = line.split(separator: space, maxSplits: 24, omittingEmptySubsequences: true)
        for index in words.indices.dropFirst(3).prefix(8) {
            guard let size = number(words[index - 1]), let last = Self.last(of: words[index...]) else { continue }
            let end = last.endIndex
            guard end < line.endIndex else { return nil }
            self.size = size
            text = line[words[index].startIndex..<end]
            self.end = end + 1
            return
        }
        return nil
    }

    /// The last word of the date that begins here.
    private static func last(of words: ArraySlice<ArraySlice<UInt8>>) -> ArraySlice<UInt8>? {
        let words = words.prefix(3).map(\.self)
        if words.count > 1, isDay(words[0]), isTime(words[1]) { return words[1] }
        guard words.count == 3, isMonth(words[0]), let day = number(words[1]), (1...31).contains(day) else {
            return nil
        }
        return isTime(words[2]) || (words[2].count == 4 && number(words[2]) != nil) ? words[2] : nil
    }

    private static func isMonth(_ word: ArraySlice<UInt8>) -> Bool {
        word.count == 3 && months.contains(String(decoding: word, as: UTF8.self).lowercased())
    }

    private static func isDay(_ word: ArraySlice<UInt8>) -> Bool {
        word.count == 10
            && word.enumerated().allSatisfy { index, byte in
                index == 4 || index == 7 ? byte == UInt8(ascii: "-") : isDigit(byte)
            }
    }

    private static func isTime(_ word: ArraySlice<UInt8>) -> Bool {
        (4...8).contains(word.count) && word.contains(colon) && word.allSatisfy { isDigit($0) || $0 == colon }
    }
}

private let months: Set<String> = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
]
private let space = UInt8(ascii: " ")
private let colon = UInt8(ascii: ":")

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

private func number(_ word: ArraySlice<UInt8>) -> Int64? {
    word.allSatisfy(isDigit) ? Int64(String(decoding: word, as: UTF8.self)) : nil
}

extension GranaryError {
    static func unreadableLine(_ line: [UInt8]) -> GranaryError {
        GranaryError(
            .listingUnreadable, "A line of the server's listing is not understood: '\(BytePath(line.prefix(300)))'.",
            remedy: "Rename a file whose name holds a line break; else report the line with the server's name.",
            disposition: .stop)
    }
}

extension GranaryError.Code {
    package static let listingUnreadable: Self = "listing.unreadable"
}

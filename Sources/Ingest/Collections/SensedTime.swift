// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// The time that a granule observed, as its name states it: half-open, UTC.
public struct SensedTime: Sendable, Hashable {
    public var start: Timestamp
    public var end: Timestamp

    /// From the groups `start` and `end`, or `date` alone. A date without a time of day means that whole day.
    init?(_ groups: [String: String]) {
        guard let first = groups["start"] ?? groups["date"], let start = CompactTime(first) else { return nil }
        let end = groups["end"].flatMap(CompactTime.init) ?? start
        guard end.end >= start.start else { return nil }
        self.start = start.start
        self.end = end.end
    }
}

/// A time as file names write it, with `-`, `:`, `_`, `T` or `Z` or without: `20261121`, `2026325` (day of year), each
/// followed by hour and minute, seconds and decimals or by nothing: `20261121T031137`, `2026325.0311`.
private struct CompactTime {
    var start: Timestamp
    var end: Timestamp

    init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let digits = text.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let found = Self.calendar(digits) ?? Self.ordinal(digits) else { return nil }
        self = found
    }

    private init(_ start: Timestamp, _ end: Timestamp) { (self.start, self.end) = (start, end) }

    /// `YYYYMMDD`, `YYYYMMDDHHMM`, `YYYYMMDDHHMMSS` and decimals.
    private static func calendar(_ digits: [UInt8]) -> CompactTime? {
        guard [8, 12].contains(digits.count) || digits.count >= 14 else { return nil }
        let date = [digits[0..<4], digits[4..<6], digits[6..<8]].map { String(decoding: $0, as: UTF8.self) }
        return Timestamp(parsing: date.joined(separator: "-")).flatMap { CompactTime(day: $0, digits.dropFirst(8)) }
    }

    /// `YYYYDDD`, `YYYYDDDHHMM`, `YYYYDDDHHMMSS`; with decimals it would look like a calendar time. A year has no day 000, and most have no 366.
    private static func ordinal(_ digits: [UInt8]) -> CompactTime? {
        guard [7, 11, 13].contains(digits.count) else { return nil }
        let year = String(decoding: digits[0..<4], as: UTF8.self)
        guard let newYear = Timestamp(parsing: year + "-01-01"), let number = number(digits[4..<7]), number > 0 else {
            return nil
        }
        let day = newYear + .seconds((number - 1) * 86_400)
        return day.description.hasPrefix(year) ? CompactTime(day: day, digits.dropFirst(7)) : nil
    }

    /// A day alone means the whole of it.
    private init?(day: Timestamp, _ time: ArraySlice<UInt8>) {
        guard !time.isEmpty else {
            self.init(day, day + .seconds(86_400))
            return
        }
        let fields = [time.prefix(2), time.dropFirst(2).prefix(2), time.dropFirst(4).prefix(2)].map { number($0) ?? 0 }
        guard fields[0] < 24, fields[1] < 60, fields[2] <= 60 else { return nil }
        let moment = day + .seconds(fields[0] * 3600 + fields[1] * 60 + fields[2])
        self.init(moment, moment)
    }
}

private func number(_ digits: ArraySlice<UInt8>) -> Int64? { Int64(String(decoding: digits, as: UTF8.self)) }

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

/// A time as file names write it: `20261121`, `2026325` (day of year), `20261121T031137`, with `-`, `:`, `_` or `Z` or without.
private struct CompactTime {
    var start: Timestamp
    var end: Timestamp

    init?(_ text: String) {
        let digits = text.filter(\.isNumber)
        let hasTime = digits.utf8.count >= 12
        guard let day = hasTime || digits.utf8.count == 8 ? Self.calendarDay(digits) : Self.dayOfYear(digits) else {
            return nil
        }
        guard hasTime else {
            start = day
            end = day + .seconds(86_400)
            return
        }
        guard let seconds = Self.secondsOfDay(digits.dropFirst(8)) else { return nil }
        start = day + .seconds(seconds)
        end = start
    }

    private static func calendarDay(_ digits: String) -> Timestamp? {
        let year = digits.prefix(4)
        let month = digits.dropFirst(4).prefix(2)
        return Timestamp(parsing: "\(year)-\(month)-\(digits.dropFirst(6).prefix(2))")
    }

    private static func dayOfYear(_ digits: String) -> Timestamp? {
        guard digits.utf8.count == 7, let day = Int64(digits.dropFirst(4)), (1...366).contains(day),
            let newYear = Timestamp(parsing: "\(digits.prefix(4))-01-01")
        else { return nil }
        return newYear + .seconds((day - 1) * 86_400)
    }

    private static func secondsOfDay(_ digits: Substring) -> Int64? {
        let padded = digits.prefix(6) + String(repeating: "0", count: max(0, 6 - digits.count))
        guard let number = Int64(padded) else { return nil }
        let (hour, minute, second) = (number / 10_000, number / 100 % 100, number % 100)
        return hour < 24 && minute < 60 && second <= 60 ? hour * 3600 + minute * 60 + second : nil
    }
}

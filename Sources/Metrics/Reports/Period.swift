// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A stretch of UTC time that holds its start and not its end, so that periods side by side share nothing.
public struct Period: Sendable, Hashable {
    public let start: Timestamp
    public let end: Timestamp

    /// Nil when the end does not come after the start.
    public init?(from start: Timestamp, to end: Timestamp) {
        guard start < end else { return nil }
        (self.start, self.end) = (start, end)
    }

    public func contains(_ moment: Timestamp) -> Bool { start <= moment && moment < end }
}

extension Period {
    /// Reads `2026-11-21` (a day), `2026-11` (a month), `2026` (a year), `START/END` (two moments, the end excluded),
    /// or one of `today yesterday month last-month` as seen at `now`. Throws `input.invalid` for anything else.
    public init(parsing text: String, now: Timestamp) throws {
        let found = Self.named(text, now: now) ?? Self.between(text) ?? Self.calendar(text)
        guard let found else { throw unreadable(text) }
        self = found
    }

    private static func named(_ text: String, now: Timestamp) -> Period? {
        let today = now.description.prefix(10)
        let month = today.prefix(7)
        return switch text {
        case "today", "day": calendar(today)
        case "yesterday": calendar((now - .seconds(86_400)).description.prefix(10))
        case "month": calendar(month)
        // The day before the first of this month lies in the last one.
        case "last-month": Timestamp(parsing: "\(month)-01").flatMap { first in
            calendar((first - .seconds(86_400)).description.prefix(7))
        }
        default: nil
        }
    }

    private static func between(_ text: String) -> Period? {
        let ends = text.split(separator: "/", omittingEmptySubsequences: false)
        guard ends.count == 2, let start = Timestamp(parsing: ends[0]), let end = Timestamp(parsing: ends[1]) else {
            return nil
        }
        return Period(from: start, to: end)
    }

    private static func calendar(_ text: some StringProtocol) -> Period? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let year = number(parts[0], digits: 4) else { return nil }
        switch parts.count {
        case 1: return days("\(text)-01-01", "\(padded(year + 1, 4))-01-01")
        case 2:
            guard let month = number(parts[1], digits: 2), (1...12).contains(month) else { return nil }
            let next = month == 12 ? (year + 1, 1) : (year, month + 1)
            return days("\(text)-01", "\(padded(next.0, 4))-\(padded(next.1, 2))-01")
        case 3:
            guard text.utf8.count == 10, let start = Timestamp(parsing: text) else { return nil }
            return Period(from: start, to: start + .seconds(86_400))
        default: return nil
        }
    }

    private static func number(_ text: some StringProtocol, digits: Int) -> UInt64? {
        let isPlain = text.utf8.count == digits && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isPlain ? UInt64(text) : nil
    }

    private static func days(_ start: String, _ end: String) -> Period? {
        guard let start = Timestamp(parsing: start), let end = Timestamp(parsing: end) else { return nil }
        return Period(from: start, to: end)
    }
}

extension Period: CustomStringConvertible {
    /// `START/END`, which `init(parsing:)` reads.
    public var description: String { "\(start)/\(end)" }
}

private func unreadable(_ text: String) -> GranaryError {
    GranaryError(
        .invalid, "\(BytePath(text)) is no period of time, or ends before it starts.", subject: text,
        remedy: "Write a day (2026-11-21), a month (2026-11), a year, START/END with the end excluded, "
            + "or one of: today, yesterday, month, last-month.")
}

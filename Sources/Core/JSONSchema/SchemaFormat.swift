// SPDX-License-Identifier: Apache-2.0

/// A format that can be asserted; each is the grammar of its RFC as one pattern, dates with a look at the calendar.
struct SchemaFormat: Sendable {
    private enum Rule: Sendable {
        case pattern(Pattern)
        case moment(Pattern)
        case hostname(Pattern)
        case regex
        case jsonPointer
    }

    private let rule: Rule

    /// Nil for formats not known here, which are never checked: `idn-email`, `idn-hostname` and private ones.
    init?(_ name: String) throws {
        switch name {
        case "regex": rule = .regex
        case "json-pointer": rule = .jsonPointer
        case "date", "time", "date-time": rule = .moment(try Self.pattern(name))
        case "hostname": rule = .hostname(try Self.pattern(name))
        default:
            guard Self.grammars[name] != nil else { return nil }
            rule = .pattern(try Self.pattern(name))
        }
    }

    /// - Throws: `.limitReached` when the pattern took too long.
    func matches(_ text: String) throws -> Bool {
        switch rule {
        case .pattern(let pattern): try pattern.match(text) != nil
        case .moment(let pattern): try pattern.match(text).map(Self.isOnCalendar) ?? false
        case .hostname(let pattern): text.utf8.count <= 253 ? try pattern.match(text) != nil : false
        case .regex: (try? Pattern(text, dialect: .ecma)) != nil
        case .jsonPointer: JSONPointer(text) != nil
        }
    }

    private static func pattern(_ name: String) throws -> Pattern {
        try Pattern("(?:\(grammars[name] ?? ""))\(definitions(for: name))", isFull: true)
    }

    /// Whether the day is one of its month, and a leap second stands where UTC puts them.
    private static func isOnCalendar(_ match: Pattern.Match) -> Bool {
        func field(_ name: String) -> Int? { match[name].flatMap { Int($0) } }
        if let year = field("year"), let month = field("month"), let day = field("day") {
            let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
            let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            guard (1...12).contains(month), (1...days[month - 1]).contains(day) else { return false }
        }
        guard field("second") == 60, let hour = field("hour"), let minute = field("minute") else { return true }
        let offset = (field("offsetHour") ?? 0) * 60 + (field("offsetMinute") ?? 0)
        let minuteOfDay = hour * 60 + minute + (match["sign"] == "-" ? offset : -offset)
        return (minuteOfDay + 1440) % 1440 == 1439
    }
}

extension SchemaEvaluation {
    mutating func matches(_ format: SchemaFormat, _ text: String) -> Bool {
        do { return try format.matches(text) } catch {
            exhaust("format", "cannot be judged: checking its format took too long")
            return true
        }
    }
}

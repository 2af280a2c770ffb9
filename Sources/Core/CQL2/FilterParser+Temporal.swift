// SPDX-License-Identifier: Apache-2.0

/// DATE, TIMESTAMP and INTERVAL.
extension FilterParser {
    /// The literal that `keyword` begins, or nil when it begins none; the opening parenthesis comes next.
    mutating func temporalLiteral(_ keyword: String) throws(GranaryError) -> Filter.Expression? {
        switch keyword {
        case "date": try instantLiteral("a date as '2024-05-01'") { CalendarTime.day($0).map(Filter.Instant.date) }
        case "timestamp":
            try instantLiteral("a time as '2024-05-01T12:00:00Z', in UTC and no finer than microseconds") {
                CalendarTime.microseconds($0).map(Filter.Instant.timestamp)
            }
        case "interval": try intervalLiteral()
        default: nil
        }
    }

    private mutating func instantLiteral(
        _ form: String, _ read: (String) -> Filter.Instant?
    ) throws(GranaryError) -> Filter.Expression {
        try need("(")
        guard case .text(let text) = current.kind, let instant = read(text) else { throw expected(form) }
        advance()
        try need(")")
        return .instant(instant)
    }

    private mutating func intervalLiteral() throws(GranaryError) -> Filter.Expression {
        let opening = current
        try need("(")
        try enter()
        defer { leave() }
        let start = try bound()
        try need(",")
        let end = try bound()
        try need(")")
        if let first = start.firstInstant, let last = end.lastInstant, first > last {
            throw fault(at: opening, "the interval ends before it begins")
        }
        return .interval(start, end)
    }

    private mutating func bound() throws(GranaryError) -> Filter.Bound {
        guard case .text(let text) = current.kind else {
            return .at(try operand([.property, .call]) { (parser) throws(GranaryError) in try parser.sum() })
        }
        if text == ".." {
            advance()
            return .open
        }
        let instant =
            CalendarTime.day(text).map(Filter.Instant.date)
            ?? CalendarTime.microseconds(text).map(Filter.Instant.timestamp)
        guard let instant else { throw expected("a date, a time or '..'") }
        advance()
        return .at(.instant(instant))
    }
}

extension Filter.Instant {
    /// The first microsecond of the instant.
    var start: Int64 {
        switch self {
        case .date(let day): day * CalendarTime.microsecondsPerDay
        case .timestamp(let time): time
        }
    }

    /// Where the instant is over: a day ends where the next begins, a time where it is.
    var end: Int64 {
        switch self {
        case .date(let day): (day + 1) * CalendarTime.microsecondsPerDay
        case .timestamp(let time): time
        }
    }
}

extension Filter.Bound {
    /// The first instant of an interval that starts here; nil when it is open or a property or function decides.
    fileprivate var firstInstant: Int64? {
        guard case .at(.instant(let instant)) = self else { return nil }
        return instant.start
    }

    /// The last instant of an interval that ends here, with a date's whole day; nil as above.
    fileprivate var lastInstant: Int64? {
        switch self {
        case .at(.instant(.date(let day))): Filter.Instant.date(day).end - 1
        case .at(.instant(.timestamp(let time))): time
        case .open, .at: nil
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A moment in UTC, in microseconds since 1970: what the ledger stores and every report prints.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Since 1970-01-01T00:00:00Z, without leap seconds; negative before.
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }
    public init(seconds: Int64) { microseconds = seconds * 1_000_000 }

    public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }
    public static func + (moment: Self, duration: Duration) -> Self {
        Self(microseconds: moment.microseconds + duration.microseconds)
    }
    public static func - (moment: Self, duration: Duration) -> Self {
        Self(microseconds: moment.microseconds - duration.microseconds)
    }
    public static func - (later: Self, earlier: Self) -> Duration {
        .microseconds(later.microseconds - earlier.microseconds)
    }
}

extension Duration {
    /// Whole microseconds, the unit of the ledger; what is finer is cut off.
    public var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }

    /// Seconds with their fraction, to the microsecond.
    public var seconds: Double { Double(microseconds) / 1_000_000 }
}

extension Timestamp: CustomStringConvertible {
    /// ISO 8601 in UTC with six decimals: `2026-11-21T03:11:37.000000Z`. Always the same length, so text sorts as time.
    public var description: String {
        let civil = CivilDate(day: microseconds.flooredQuotient(86_400_000_000))
        let rest = microseconds.flooredRemainder(86_400_000_000)
        let (seconds, fraction) = rest.quotientAndRemainder(dividingBy: 1_000_000)
        let time = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(civil)T\(time).\(padded(fraction, 6))Z"
    }
}

extension Timestamp {
    /// Reads ISO 8601 as the field writes it: `T` or a space, any number of decimals, `Z`, an offset, both, or neither.
    ///
    /// A moment without a zone is taken as UTC, as every archive we know does; `deviations` of the message say so.
    public init?(parsing text: some StringProtocol) {
        var scanner = DigitScanner(text.utf8)
        guard let date = scanner.civilDate() else { return nil }
        var time: Int64 = 0
        if scanner.skip("T") || scanner.skip("t") || scanner.skip(" ") {
            guard let found = scanner.timeOfDay() else { return nil }
            time = found
        }
        guard let offset = scanner.zone(), scanner.isAtEnd else { return nil }
        microseconds = date.day * 86_400_000_000 + time - offset * 1_000_000
    }
}

/// A day of the proleptic Gregorian calendar.
struct CivilDate: CustomStringConvertible {
    let year: Int64
    let month: Int64
    let dayOfMonth: Int64

    /// Days since 1970-01-01, by counting years from March so that the leap day comes last.
    var day: Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.flooredQuotient(400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + dayOfMonth - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    init?(year: Int64, month: Int64, dayOfMonth: Int64) {
        (self.year, self.month, self.dayOfMonth) = (year, month, dayOfMonth)
        guard (1...12).contains(month), (1...31).contains(dayOfMonth) else { return nil }
        // A day that the month does not have comes back as another date.
        let back = CivilDate(day: day)
        guard back.month == month, back.dayOfMonth == dayOfMonth else { return nil }
    }

    init(day: Int64) {
        let shifted = day + 719_468
        let era = shifted.flooredQuotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        dayOfMonth = dayOfYear - (153 * march + 2) / 5 + 1
        month = march + (march < 10 ? 3 : -9)
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var description: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))" }
}

func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

extension Int64 {
    func flooredQuotient(_ divisor: Int64) -> Int64 { (self - flooredRemainder(divisor)) / divisor }
    func flooredRemainder(_ divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }
}

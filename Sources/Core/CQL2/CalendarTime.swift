// SPDX-License-Identifier: Apache-2.0

/// Dates and times of the proleptic Gregorian calendar in UTC, years 0000 to 9999, as filters write them.
enum CalendarTime {
    static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Days since 1970-01-01 of `YYYY-MM-DD`, or nil when there is no such day.
    static func day(_ text: some StringProtocol) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = digits(bytes[0..<4]), let month = digits(bytes[5..<7]), let day = digits(bytes[8..<10]),
            (1...12).contains(month), day >= 1, day <= daysInMonth(month, year)
        else { return nil }
        return days(year, month, day)
    }

    /// Microseconds since the epoch of `YYYY-MM-DDThh:mm:ss[.ffffff]Z`, or nil when there is no such time or it is
    /// finer than a microsecond.
    static func microseconds(_ text: some StringProtocol) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"), bytes.last == UInt8(ascii: "Z"),
            let day = day(String(decoding: bytes[..<10], as: UTF8.self)),
            let hour = digits(bytes[11..<13]), let minute = digits(bytes[14..<16]), let second = digits(bytes[17..<19]),
            hour < 24, minute < 60, second < 60, let fraction = fraction(bytes[19..<(bytes.count - 1)])
        else { return nil }
        return day * microsecondsPerDay + ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
    }

    static func text(day: Int64) -> String {
        let (year, month, day) = civil(day)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// The shortest text of the instant: no fraction when there is none, no trailing zeros in it.
    static func text(microseconds: Int64) -> String {
        let (day, time) = floorDivide(microseconds, microsecondsPerDay)
        let (seconds, fraction) = time.quotientAndRemainder(dividingBy: 1_000_000)
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
        guard fraction != 0 else { return "\(text(day: day))T\(clock)Z" }
        var digits = padded(fraction, 6)
        while digits.last == "0" { digits.removeLast() }
        return "\(text(day: day))T\(clock).\(digits)Z"
    }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return value
    }

    /// The microseconds of `.ffffff`; nothing is zero, and digits past the sixth must be zero.
    private static func fraction(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard let first = bytes.first else { return 0 }
        let written = bytes.dropFirst()
        let kept = written.prefix(6)
        guard first == UInt8(ascii: "."), !written.isEmpty,
            written.dropFirst(6).allSatisfy({ $0 == UInt8(ascii: "0") }),
            let value = digits(kept)
        else { return nil }
        return (kept.count..<6).reduce(value) { value, _ in value * 10 }
    }

    private static func daysInMonth(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// A year that begins on 1 March has its leap day last, so months have a fixed length pattern: 153 days in five.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let (era, yearOfEra) = floorDivide(marchYear, 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - daysBefore1970
    }

    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(days + daysBefore1970, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = (marchMonth + 2) % 12 + 1
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    /// Days from 0000-03-01 to 1970-01-01.
    private static let daysBefore1970: Int64 = 719_468

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

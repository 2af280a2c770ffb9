// SPDX-License-Identifier: Apache-2.0

/// Reads the parts of an ISO 8601 moment from ASCII, one after the other.
struct DigitScanner {
    private var rest: ArraySlice<UInt8>

    init(_ text: some Sequence<UInt8>) { rest = Array(text)[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func civilDate() -> CivilDate? {
        guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2) else { return nil }
        return CivilDate(year: year, month: month, dayOfMonth: day)
    }

    /// Microseconds since midnight. A leap second (`:60`) counts into the next minute, as POSIX time does.
    mutating func timeOfDay() -> Int64? {
        guard let hour = number(2), hour < 24, skip(":"), let minute = number(2), minute < 60 else { return nil }
        var seconds: Int64 = 0
        if skip(":") {
            guard let found = number(2), found <= 60 else { return nil }
            seconds = found
        }
        guard skip(".") || skip(",") else { return (hour * 3600 + minute * 60 + seconds) * 1_000_000 }
        guard let fraction = fraction() else { return nil }
        return (hour * 3600 + minute * 60 + seconds) * 1_000_000 + fraction
    }

    /// Seconds east of UTC; an offset followed by `Z`, which one response task writes, is still that offset.
    mutating func zone() -> Int64? {
        guard !isAtEnd, !skip("Z"), !skip("z") else { return 0 }
        let sign: Int64 = skip("-") ? -1 : 1
        guard sign < 0 || skip("+"), let hours = number(2) else { return nil }
        _ = skip(":")
        guard let minutes = isAtEnd ? 0 : number(2), minutes < 60 else { return nil }
        _ = skip("Z")
        return sign * (hours * 3600 + minutes * 60)
    }

    private mutating func number(_ width: Int) -> Int64? {
        guard rest.count >= width, rest.prefix(width).allSatisfy(isDigit) else { return nil }
        defer { rest.removeFirst(width) }
        return rest.prefix(width).reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    private mutating func fraction() -> Int64? {
        let digits = rest.prefix(while: isDigit)
        guard !digits.isEmpty else { return nil }
        rest.removeFirst(digits.count)
        let six = digits.prefix(6) + Array(repeating: UInt8(ascii: "0"), count: max(0, 6 - digits.count))
        return six.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

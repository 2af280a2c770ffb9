// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore

/// Points in time as the protocols spell them, all in UTC.
enum Moments {
    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    static func http(_ moment: Timestamp) -> String { text(moment, "%a, %d %b %Y %H:%M:%S GMT") }

    /// `2026-01-01T00:00:00.000Z`, always of whole seconds, as S3 lists.
    static func iso(_ moment: Timestamp) -> String { text(moment, "%Y-%m-%dT%H:%M:%S.000Z") }

    /// `01-Jan-2026 00:00`, as nginx lists.
    static func nginx(_ moment: Timestamp) -> String { text(moment, "%d-%b-%Y %H:%M") }

    /// Reads `20260101T000000Z`, the form of `x-amz-date`.
    static func basic(_ text: String) -> Timestamp? {
        let digits = Array(text.utf8)
        guard digits.count == 16, digits[8] == UInt8(ascii: "T"), digits[15] == UInt8(ascii: "Z") else { return nil }
        let parts = [0..<4, 4..<6, 6..<8, 9..<11, 11..<13, 13..<15].map {
            Int32(String(decoding: digits[$0], as: UTF8.self))
        }
        let numbers = parts.compactMap(\.self)
        guard numbers.count == 6 else { return nil }
        var time = tm()
        (time.tm_year, time.tm_mon, time.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
        (time.tm_hour, time.tm_min, time.tm_sec) = (numbers[3], numbers[4], numbers[5])
        return Timestamp(seconds: Int64(timegm(&time)))
    }

    private static func text(_ moment: Timestamp, _ format: String) -> String {
        var seconds = time_t(moment.microseconds / 1_000_000)
        var time = tm()
        gmtime_r(&seconds, &time)
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, format, &time)
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

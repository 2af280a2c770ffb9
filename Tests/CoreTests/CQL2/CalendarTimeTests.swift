// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryTesting
import Testing

@testable import GranaryCore

@Suite struct CalendarTimeTests {
    @Test(
        "Known days count from the epoch",
        arguments: [
            ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2024-05-01", 19_844),
            ("0000-03-01", -719_468),
            ("9999-12-31", 2_932_896),
        ])
    func days(text: String, day: Int64) {
        #expect(CalendarTime.day(text) == day)
        #expect(CalendarTime.text(day: day) == text)
    }

    @Test("Days are written as they are read, throughout the calendar")
    func manyDays() {
        // 61 has no factor in common with months, years and centuries, so that the steps fall everywhere in them.
        for day in stride(from: Int64(-719_528), through: 2_932_896, by: 61) {
            #expect(CalendarTime.day(CalendarTime.text(day: day)) == day)
        }
    }

    /// Foundation counts days before 1582-10-15 in the Julian calendar.
    @Test("Times agree with Foundation's at random instants, and are written as they are read")
    func randomTimes() throws {
        var random = SeededGenerator.fresh()
        for _ in 0..<500 {
            let seconds = Int64.random(in: -12_219_292_800..<253_402_300_800, using: &random)
            let text = CalendarTime.text(microseconds: seconds * 1_000_000)
            let date = try Date(text, strategy: .iso8601)
            #expect(Int64(date.timeIntervalSince1970) == seconds, "\(text), GRANARY_SEED=\(random.seed)")
            let micro = seconds * 1_000_000 + Int64.random(in: 0..<1_000_000, using: &random)
            #expect(CalendarTime.microseconds(CalendarTime.text(microseconds: micro)) == micro, "seed \(random.seed)")
        }
    }

    @Test(
        "What is no day or time is refused",
        arguments: [
            "", "2024-5-1", "2024-13-01", "2024-00-01", "2024-01-00", "2023-02-29", "1900-02-29", "2024-04-31",
            "2024/01/01",
            "２024-01-01", "2024-01-01T00:00:00", "2024-01-01t00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
            "2024-01-01T00:00:60Z", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00.1234567Z",
            "2024-01-01T00:00:00+00:00",
        ])
    func refused(text: String) {
        #expect(CalendarTime.day(text) == nil && CalendarTime.microseconds(text) == nil)
    }

    @Test("Fractions are read to the microsecond and written without trailing zeros")
    func fractions() {
        #expect(CalendarTime.microseconds("1970-01-01T00:00:00.5Z") == 500_000)
        #expect(CalendarTime.microseconds("1970-01-01T00:00:00.000001000Z") == 1)
        #expect(CalendarTime.text(microseconds: 500_000) == "1970-01-01T00:00:00.5Z")
        #expect(CalendarTime.text(microseconds: -1) == "1969-12-31T23:59:59.999999Z")
    }
}

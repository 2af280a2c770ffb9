// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Testing

@Suite struct TimestampTests {
    @Test(
        "Every form met in the field is read",
        arguments: [
            ("2017-09-30T03:42:29.791198Z", "2017-09-30T03:42:29.791198Z"),
            ("2020-11-06T17:18:49.506Z", "2020-11-06T17:18:49.506000Z"),
            ("2021-10-29T19:47:06Z", "2021-10-29T19:47:06.000000Z"),
            ("2018-11-19T15:27:56.585649", "2018-11-19T15:27:56.585649Z"),
            ("2020-08-15T00:56:55", "2020-08-15T00:56:55.000000Z"),
            ("2020-04-08 15:59:15.186779", "2020-04-08T15:59:15.186779Z"),
            ("2026-01-01 20:50:35Z", "2026-01-01T20:50:35.000000Z"),
            ("2026-01-01T20:50:35.123+00:00Z", "2026-01-01T20:50:35.123000Z"),
            ("2026-01-01T20:50:35+0530", "2026-01-01T15:20:35.000000Z"),
            ("2026-01-01T00:30:00-01:00", "2026-01-01T01:30:00.000000Z"), ("2026-01-01", "2026-01-01T00:00:00.000000Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
            ("2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00.123456Z"),
        ])
    func forms(text: String, moment: String) { #expect(Timestamp(parsing: text)?.description == moment) }

    @Test(
        "What is no moment is none",
        arguments: [
            "", "Unknown/Missing receivedTime", "2026", "2026-13-01", "2026-02-29", "2026-01-01T",
            "2026-01-01T24:00:00",
            "2026-01-01T00:60:00", "2026-01-01T00:00:61", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00ZZ",
            "2026-01-01T00:00:00+1", "2026-1-1", "20260101", " 2026-01-01", "1900-02-29",
        ])
    func noForms(text: String) { #expect(Timestamp(parsing: text) == nil) }

    @Test("Every day from 1900 to 2200 is written and read as itself, in order")
    func days() throws {
        var last = ""
        let first = try #require(Timestamp(parsing: "1900-01-01"))
        for day in 0..<(301 * 365) {
            let moment = first + .seconds(day * 86_400) + .microseconds(day % 1_000_000)
            let text = moment.description
            guard Timestamp(parsing: text) == moment, text > last else {
                Issue.record("\(text) after \(last)")
                return
            }
            last = text
        }
        #expect(last.hasPrefix("2200-"))
    }

    @Test(
        "Leap days",
        arguments: [("1996", true), ("1900", false), ("2000", true), ("2026", false), ("2100", false), ("2400", true)])
    func leapDays(year: String, exists: Bool) { #expect((Timestamp(parsing: year + "-02-29") != nil) == exists) }

    @Test("Random moments between the years 1 and 9999 are read as written", arguments: 0..<20)
    func random(seed: UInt64) {
        var chance = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let moment = Timestamp(
                microseconds: Int64.random(in: -62_135_596_800_000_000..<253_402_300_800_000_000, using: &chance))
            #expect(Timestamp(parsing: moment.description) == moment, "seed \(seed)")
        }
    }

    @Test("Durations add up, and what is finer than a microsecond is cut off")
    func durations() {
        let start = Timestamp(seconds: 100)
        #expect((start + .milliseconds(1500)).microseconds == 101_500_000)
        #expect(start + .seconds(3) - start == .seconds(3))
        #expect(start - .seconds(200) == Timestamp(seconds: -100))
        #expect(Duration.nanoseconds(1999).microseconds == 1)
    }
}

@Suite struct SteadyTimeTests {
    @Test("A step of the machine's clock moves no due time", arguments: [-31_536_000, -1, 1, 31_536_000] as [Int64])
    func steps(seconds: Int64) {
        let clock = ManualClock()
        let steady = SteadyTime(clock)
        let start = steady.now()
        #expect(start == clock.now())
        clock.advance(by: .seconds(10))
        clock.step(to: clock.now() + .seconds(seconds))
        #expect(steady.now() - start == .seconds(10))
        clock.advance(by: .seconds(5))
        #expect(steady.now() - start == .seconds(15))
        #expect(SteadyTime(clock).now() == clock.now(), "a new life begins at the time of day")
    }

    @Test("The machine's steady clock only moves forward")
    func machine() {
        let clock = SystemClock()
        let times = (0..<1000).map { _ in clock.uptime() }
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
    }
}

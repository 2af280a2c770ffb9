// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryIngest
import GranaryTesting
import Testing

@Suite struct NamingTests {
    private func recognizer(_ collections: [(String, String)]) throws -> NameRecognizer {
        NameRecognizer(
            try collections.map { name, pattern in
                try Site.collection(name, files: [Site.rule(pattern, .data, "data")])
            })
    }

    @Test(
        "A pattern names the granule, or the whole name does",
        arguments: [
            (#"(?P<granule>SWOT_\d+)_v\d\.nc"#, "SWOT_12_v3.nc", "SWOT_12"),
            (#"SWOT_\d+\.nc"#, "SWOT_12.nc", "SWOT_12.nc"),
        ])
    func granule(pattern: String, name: String, granule: String) throws {
        let found = try #require(try recognizer([("A", pattern)]).recognize(BytePath(name)))
        #expect(found.granule == granule)
        #expect(found.identity.fileName == BytePath(name))
    }

    @Test("A pattern must match the whole name", arguments: ["xg1.nc", "g1.nc.gz", "g1.nc\n", "G1.nc"])
    func wholeName(name: String) throws {
        #expect(try recognizer([("A", #"g\d\.nc"#)]).recognize(BytePath(name)) == nil)
    }

    @Test("A name that two collections claim is nobody's")
    func ambiguous() throws {
        let error = #expect(throws: GranaryError.self) {
            try recognizer([("A", #"g.*"#), ("B", #".*\.nc"#)]).recognize("g1.nc")
        }
        #expect(error?.code == "name.ambiguous")
        #expect(error?.disposition == .quarantine)
    }

    @Test("A pattern that backtracks for ever is an error, not a hang")
    func backtracking() throws {
        let name = BytePath(String(repeating: "a", count: 200) + "!")
        #expect(throws: GranaryError.self) { try recognizer([("A", #"(a+)+[bc]"#)]).recognize(name) }
    }

    @Test("Names are sorted into granules by their bytes, with what each lacks")
    func groups() throws {
        let names: [BytePath] = ["g1.nc", "other", "g\u{E9}.nc", "ge\u{301}.nc", "g1.met"]
        let recognition = try Ingester(
            catalog: TemporaryCatalog().catalog, archive: MemoryStore(), names: NameRecognizer([try Site.collection()])
        ).recognize(names)
        #expect(recognition.leftOver == ["other"])
        #expect(recognition.groups.map(\.members.count) == [2, 1, 1])
        #expect(recognition.groups.map(\.missing) == [[], ["metadata"], ["metadata"]])
    }

    @Test(
        "The time that a name states, in every spelling",
        arguments: [
            ("20261121", "2026-11-21T00:00:00", "2026-11-22T00:00:00"),
            ("2026-11-21", "2026-11-21T00:00:00", "2026-11-22T00:00:00"),
            ("2026325", "2026-11-21T00:00:00", "2026-11-22T00:00:00"),
            ("2024366", "2024-12-31T00:00:00", "2025-01-01T00:00:00"),
            ("20261121T031137", "2026-11-21T03:11:37", "2026-11-21T03:11:37"),
            ("20261121T0311", "2026-11-21T03:11:00", "2026-11-21T03:11:00"),
            ("2026-11-21_03:11:37Z", "2026-11-21T03:11:37", "2026-11-21T03:11:37"),
            ("2026325.0311", "2026-11-21T03:11:00", "2026-11-21T03:11:00"),
            ("2026325T031137", "2026-11-21T03:11:37", "2026-11-21T03:11:37"),
            ("20261121T031137123", "2026-11-21T03:11:37", "2026-11-21T03:11:37"),
        ])
    func sensed(text: String, start: String, end: String) throws {
        let pattern = #"(?<granule>g)_(?<date>.*)\.nc"#
        let found = try #require(try recognizer([("A", pattern)]).recognize(BytePath("g_\(text).nc")))
        #expect(found.sensed?.start == Timestamp(parsing: start))
        #expect(found.sensed?.end == Timestamp(parsing: end))
    }

    @Test(
        "What is no time is none",
        arguments: [
            "", "2026", "20261321", "2026366", "2026000", "20260230", "20261121T250000", "\u{0662}0261121", "½",
        ])
    func noTime(text: String) throws {
        let found = try recognizer([("A", #"(?<granule>g)_(?<date>.*)\.nc"#)]).recognize(BytePath("g_\(text).nc"))
        #expect(found?.sensed == nil)
    }

    @Test("Start and end make a half-open time; an end before its start makes none")
    func startAndEnd() throws {
        let recognizer = try recognizer([("A", #"(?<granule>g)_(?<start>\d+)_(?<end>\d+)"#)])
        let day = try #require(try recognizer.recognize("g_20261121_20261122")?.sensed)
        #expect(day.end - day.start == .seconds(2 * 86_400))
        #expect(try recognizer.recognize("g_20261122_20261101")?.sensed == nil)
    }
}

@Suite struct PathTemplateTests {
    private func path(
        _ template: String, _ name: BytePath = "g1.nc", granule: String = "g1", revision: Int = 1,
        groups: [String: String] = [:]
    ) throws -> BytePath {
        let id = GranuleID(collection: CollectionID(name: "L2", version: "1"), name: granule, revision: revision)
        let date = groups["date"].map { _ in groups }
        let pattern = try Site.collection(files: [Site.rule(#"(?<granule>.*?)_(?<date>\d+)\.nc"#, .data, "d")])
        let sensed = try date.flatMap { try pattern.recognize(BytePath("g_\($0["date"] ?? "").nc"))?.sensed }
        return try PathTemplate(template).path(for: id, file: name, groups: groups, sensed: sensed)
    }

    @Test(
        "Words are filled in",
        arguments: [
            ("{collection}.{version}/{granule}/{name}", "L2.1/g1/g1.nc"),
            ("{year}/{month}/{day}/{granule}/{name}", "2026/02/03/g1/g1.nc"),
            ("{year}/{doy}/{granule}-{name}", "2026/034/g1-g1.nc"), ("{tile}/{granule}/{name}", "T33/g1/g1.nc"),
        ])
    func words(template: String, expected: BytePath) throws {
        #expect(try path(template, groups: ["tile": "T33", "date": "20260203"]) == expected)
    }

    @Test("Later revisions lie apart")
    func revisions() throws {
        #expect(try path("{granule}/{name}", revision: 3) == "g1/r3/g1.nc")
        #expect(try path("{granule}.v{revision}/{name}", revision: 3) == "g1.v3/g1.nc")
    }

    @Test(
        "Templates that let files of a granule share a path are refused",
        arguments: ["", "{granule}", "{granule}/{name", "x"])
    func refusedTemplates(template: String) { #expect(throws: GranaryError.self) { try PathTemplate(template) } }

    @Test(
        "What has no safe place has none",
        arguments: [
            ("g1.nc", "..", [:]), ("g1.nc", "a/b", [:]), ("g1.nc", "", [:]), ("g1.nc", "g1", ["tile": "../x"]),
            ("g1.nc", "g1", ["tile": ".."]), ("g1.nc", "g1", [:]), ("..", "g1", ["tile": "t"]),
            ("", "g1", ["tile": "t"]),
            ("a\0b", "g1", ["tile": "t"]), ("g1.nc", String(repeating: "x", count: 256), ["tile": "t"]),
        ] as [(BytePath, String, [String: String])])
    func unsafe(name: BytePath, granule: String, groups: [String: String]) {
        let error = #expect(throws: GranaryError.self) {
            try path("{tile}/{granule}/{name}", name, granule: granule, groups: groups)
        }
        #expect(error?.disposition == .quarantine)
    }

    @Test("Names keep their bytes")
    func bytes() throws {
        let name = BytePath([0x67, 0xFF, 0x2E])
        #expect(try path("{granule}/{name}", name).bytes.suffix(3) == [0x67, 0xFF, 0x2E])
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

private let readingCommands: [[String]] = [
    ["granule", "list"], ["quarantine", "list"], ["job", "list"], ["delivery", "list"], ["status"],
    ["granule", "show", "swath_1"], ["granule", "trace", "swath_1"], ["quarantine", "show", "4"], ["job", "show", "2"],
    ["delivery", "show", "2"], ["delivery", "show", "cnm-1"], ["report", "accountability"], ["report", "latency"],
    ["report", "delivery"], ["report", "delivery", "--list", "unacknowledged"],
    ["report", "accountability", "--list", "granules_archived", "--of", "SWATH.1.1"],
    ["report", "latency", "--requirement", "archived..response-received=4h", "--by", "collection"],
]

/// Every command that only reads, in every format, over one small ledger and with no service.
@Suite struct ReadingCommandTests {
    @Test(
        "what a command prints reads back in every format, and nothing else is on standard output",
        arguments: readingCommands)
    func formats(_ arguments: [String]) async throws {
        let home = try await SampleHome()
        let table = try await home.run(arguments)
        #expect(table.code == 0 && !table.output.isEmpty, "\(table)")
        #expect(!table.output.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
        _ = try await home.run(arguments + ["-o", "json"]).json()
        let lines = try await home.run(arguments + ["-o", "jsonl"]).jsonLines()
        #expect(lines.allSatisfy { $0.object != nil })
        let records = try await home.run(arguments + ["-o", "csv"]).records
        let width = try #require(records.first?.count)
        #expect(records.count > 0 && width > 1 && records.allSatisfy { $0.count == width }, "\(records)")
    }

    @Test("lists filter, count, page and choose fields")
    func lists() async throws {
        let home = try await SampleHome()
        let archived = try await home.run(
            "granule", "list", "--state", "archived", "--collection", "SWATH.1.1", "-o", "jsonl")
        #expect(try archived.jsonLines().compactMap { $0["name"]?.string } == ["swath_2", "swath_1"])
        #expect(try await home.run("granule", "list", "--count").output == "3\n")
        let page = try await home.run(
            "granule", "list", "--limit", "1", "--oldest-first", "-o", "csv", "--fields", "id,name")
        #expect(page.records == [["id", "name"], ["1", "swath_1"]])
        #expect(page.error.contains("--after 1"))
        let next = try await home.run(
            "granule", "list", "--after", "1", "--oldest-first", "-o", "csv", "--fields", "name")
        #expect(next.records == [["name"], ["swath_2"], ["product_1"]])
        let failed = try await home.run(
            "job", "list", "--where", "state = 'failed'", "-o", "csv", "--fields", "id,failure_class")
        #expect(failed.records == [["id", "failure_class"], ["2", "exit"]])
    }

    @Test(
        "a mistake is answered with its code and with what was probably meant",
        arguments: [
            (["granule", "show", "swath_3"], 4, "Did you mean swath_"),
            (["granule", "trace", "nothing-like-it"], 4, "granary granule list"),
            (["job", "show", "99"], 4, "no job 99"), (["job", "logs", "1", "--attempt", "7"], 4, "no attempt 7"),
            (["delivery", "show", "x"], 4, "no submission x"), (["quarantine", "show", "99"], 4, "no arrival 99"),
            (["granule", "list", "--where", "stat = 'archived'"], 64, "state"),
            (["granule", "list", "--state", "archved"], 64, "Did you mean archived?"),
            (["granule", "list", "--fields", "nam"], 64, "Choose from"),
            (["granule", "list", "--limit", "0"], 64, "at least 1"),
            (
                ["report", "accountability", "--list", "granules_archived", "--of", "SWATH.1"], 4,
                "Did you mean SWATH.1.1?"
            ),
            (["report", "accountability", "--by", "destination"], 64, "collection"),
            (["report", "latency", "--period", "soon"], 64, "is no period"),
            (["report", "sideways"], 64, "accountability"),
            (["quarantine", "retry"], 64, "--where"),
        ] as [([String], Int32, String)])
    func mistakes(_ arguments: [String], _ code: Int32, _ words: String) async throws {
        let outcome = try await SampleHome().run(arguments)
        #expect(outcome.code == code, "\(outcome)")
        #expect(outcome.error.contains(words), "\(outcome.error)")
        #expect(outcome.output.isEmpty)
    }

    @Test("the trace tells files, milestones with their deltas, firings, attempts, answers and lineage, in 110 columns")
    func trace() async throws {
        let home = try await SampleHome()
        let text = try await home.run("granule", "trace", "SWATH.1.1/swath_1").output
        for words in [
            "granule 1  SWATH.1.1/swath_1  archived", Checksum(.sha256, of: Array("swath_1".utf8)).description,
            "the provider gave no checksum; ours was computed", "+1.00 s", "rule r fired", "sh -c 'echo two words'",
            "job 2 attempt 1 failed", "exit (code 3): it ended: exit", "DAAC: answer SUCCESS, applied",
            "made into  granule 3  PRODUCT.1.1/product_1",
        ] {
            #expect(text.contains(words), "\(words) is missing in:\n\(text)")
        }
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 110 })
        let json = try await home.run("granule", "trace", "1", "-o", "json").json()
        #expect(json["submissions"]?[0]?["message"]?["version"] == "1.6.1")
        #expect(json["consumers"]?[1]?["attempts"]?[0]?["command"] == ["sh", "-c", "echo two words"])
        #expect(json["made_into"]?[0]?["name"] == "product_1")
    }

    @Test("a hostile name is escaped for people and for programs")
    func hostile() async throws {
        let home = try await SampleHome()
        let escaped = SampleHome.hostile.description
        #expect(try await home.run("quarantine", "list").output.contains(escaped))
        let line = try #require(try await home.run("quarantine", "list", "-o", "jsonl").jsonLines().first)
        #expect(line["path"]?.string == escaped && line["reason"]?.string == "No pattern, \"really\", matches.")
    }

    @Test("status says what needs an operator, and whether the service runs")
    func status() async throws {
        let home = try await SampleHome()
        let text = try await home.run("status").output
        #expect(text.contains("never ran") && text.contains("granary job list --state failed"))
        let json = try await home.run("status", "-o", "json").json()
        #expect(json["running"] == false && json["attention"]?.array?.count == 3)
        #expect(json["granules"]?[0]?["count"] == 3)
    }

    @Test("a folder without a catalog is no home, and says so")
    func nowhere() async throws {
        let outcome = try await GranaryBinary.run(["status", "--home", "/nowhere"])
        #expect(outcome.code == 4 && outcome.error.contains("granary init"), "\(outcome)")
    }

    @Test("logs print what the job wrote, byte for byte where no terminal reads")
    func logs() async throws {
        let outcome = try await SampleHome().run("job", "logs", "2")
        #expect(outcome.output == "said\n\u{1B}[31mred\nwent wrong\n")
        #expect(outcome.error.contains("_stderr.txt of attempt 1"))
        #expect(try await SampleHome().run("job", "logs", "2", "--stream", "stderr").output == "went wrong\n")
    }

    @Test("a page of the latency report fits 110 columns")
    func latency() async throws {
        let text = try await SampleHome().run("report", "latency", "--requirement", "archived..response-received=4h")
            .output
        let sections = text.split(separator: "\n").drop { !$0.hasPrefix("collection ") }
        #expect(sections.contains { $0.contains("verified → archived") })
        #expect(text.contains("required: archived → response received within 4:00:00, kept by 2 of 2"))
        #expect(sections.filter { !$0.contains("required:") }.allSatisfy { $0.count <= 110 })
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import Testing

/// What operators do, performed by the command itself because no service runs.
@Suite struct ActCommandTests {
    private func state(of id: Int64, in home: SampleHome) async throws -> ArrivalState? {
        try await home.read { try $0.arrival(id)?.state }
    }

    @Test("a dry run says what would happen and changes nothing", arguments: ["retry", "release", "reject"])
    func dryRun(_ verb: String) async throws {
        let home = try await SampleHome()
        let outcome = try await home.run("quarantine", verb, "--where", "reason = 'name.unknown'", "-n", "-o", "csv")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.error.contains("1 selected; a dry run changes nothing."))
        #expect(outcome.records.map { $0.prefix(2) } == [["subject", "done"], ["4", "no"]])
        #expect(try await state(of: 4, in: home) == .quarantined)
        #expect(try await home.read { try $0.count("SELECT COUNT(*) AS n FROM operator_action") } == 0)
    }

    @Test("a rejection is done and stands in the audit log with who and why")
    func reject() async throws {
        let home = try await SampleHome()
        let outcome = try await home.run("quarantine", "reject", "4", "--reason", "not ours", "--actor", "ada")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try await state(of: 4, in: home) == .rejected)
        let entry = try await home.read { session in
            try session.first("SELECT * FROM operator_action").map {
                try [$0.text("actor"), $0.text("reason"), $0.text("action")]
            }
        }
        #expect(entry == ["ada", "not ours", "quarantine reject"])
    }

    @Test("ids come from standard input as another command prints them; done in part is exit code 3, not at all 1")
    func partial() async throws {
        let home = try await SampleHome()
        let outcome = try await home.run(
            "quarantine", "retry", "--ids-from", "-", "-o", "jsonl", input: "id\r\n4\r\n99\r\n4\r\n")
        #expect(outcome.code == 3, "\(outcome)")
        #expect(try outcome.jsonLines().map { $0["subject"]?.string } == ["4", "99"])
        #expect(try await state(of: 4, in: home) == .observed)
        #expect(try await home.run("quarantine", "retry", "99").code == 1)
    }

    @Test("a failed job gets a new life; one that succeeded does not")
    func jobs() async throws {
        let home = try await SampleHome()
        #expect(try await home.run("job", "retry", "--where", "process = 'p'").code == 0)
        #expect(try await home.read { try $0.job(2)?.state } == .accepted)
        #expect(try await home.run("job", "retry", "1").code == 1)
    }

    @Test("a rejected delivery is sent again, with the same message")
    func resend() async throws {
        let home = try await SampleHome()
        let before = try await home.read { try $0.submission(2) }
        #expect(try await home.run("delivery", "resend", "2").code == 0)
        let after = try await home.read { try $0.submission(2) }
        #expect(after?.state == .pending && after?.body == before?.body && after?.identifier == before?.identifier)
    }

    @Test("a filter that selects nothing does nothing, and an unfinished configuration is exit code 78")
    func edges() async throws {
        let home = try await SampleHome()
        let none = try await home.run("job", "retry", "--where", "process = 'other'")
        #expect(none.code == 0 && none.error.contains("0 selected"))
        let empty = try await GranaryBinary.run(["quarantine", "retry", "1", "--home", "/nowhere"])
        #expect(empty.code == 78, "\(empty)")
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import Testing

@testable import GranaryServer

@Suite struct ActTests {
    @Test("an act arrives as it was asked, and its outcome comes back", arguments: OperatorAct.Verb.allCases)
    func roundTrip(verb: OperatorAct.Verb) async throws {
        let act = OperatorAct(
            verb, subjects: ["17", "a \"b\"\\\n/\u{1}ö"], actor: "ada", reason: "late manifest",
            dryRun: verb == .ingest)
        let performer = StubPerformer { received in
            #expect(received == act)
            return try await StubPerformer.obliging.perform(received)
        }
        try await withServer(performer: performer) { server in
            let outcome = try await server.client.perform(act)
            #expect(outcome.lines.map(\.subject) == act.subjects)
            #expect(outcome.lines.allSatisfy { $0.done == !act.dryRun && $0.message == "\(verb.rawValue) for ada" })
        }
    }

    @Test("what the service refuses is thrown at the client as the same error")
    func refusal() async throws {
        let refusal = GranaryError(
            .stateConflict, "Arrival 17 is not held.", subject: "17", remedy: "List what is held.",
            disposition: .retry(after: .seconds(7)))
        try await withServer(performer: StubPerformer { _ in throw refusal }) { server in
            let error = await granaryError {
                _ = try await server.client.perform(OperatorAct(.jobRetry, subjects: ["17"], actor: "ada", reason: ""))
            }
            #expect(error?.code == refusal.code)
            #expect(error?.message == refusal.message)
            #expect(error?.subject == "17")
            #expect(error?.remedy == refusal.remedy)
            #expect(error?.disposition == refusal.disposition)
        }
    }

    @Test("an error that nobody put into words is the service's fault, and the service lives on")
    func unwordedError() async throws {
        struct Surprise: Error {}
        try await withServer(performer: StubPerformer { _ in throw Surprise() }) { server in
            let answer = try await server.answer("POST", "/acts", body: Self.body())
            #expect(answer.status == 500)
            #expect(try JSONValue(parsing: answer.body)["code"] == "service.failed")
            #expect(try await server.answer("GET", "/healthz").status == 200)
        }
    }

    @Test(
        "a body that is not one whole act is refused with a reason and never performed",
        arguments: [
            ("", "not valid"),
            ("verb=ingest", "not valid"),
            ("[]", "not a JSON object"),
            ("{}", "lacks verb"),
            (#"{"verb":"ingest","verb":"ingest"}"#, "verb"),
            (#"{"verb":"rm","subjects":["1"],"actor":"a","reason":""}"#, "unknown verb: rm"),
            (#"{"verb":"ingest","subjects":["1"],"actor":"a","reason":"","force":true}"#, "unknown member: force"),
            (#"{"verb":"ingest","subjects":"1","actor":"a","reason":""}"#, "subjects"),
            (#"{"verb":"ingest","subjects":[1],"actor":"a","reason":""}"#, "not text"),
            (#"{"verb":"ingest","subjects":[],"actor":"a","reason":""}"#, "no subjects"),
            (#"{"verb":"ingest","subjects":["1"],"actor":"","reason":""}"#, "actor"),
            (#"{"verb":"ingest","subjects":["1"],"actor":"a"}"#, "lacks reason"),
            (#"{"verb":"ingest","subjects":["1"],"actor":"a","reason":null}"#, "reason"),
            (#"{"verb":"ingest","subjects":["1"],"actor":"a","reason":"","dryRun":"no"}"#, "dryRun"),
            (#"{"verb":"ingest","subjects":["1"],"actor":"a","reason":""} {}"#, "after the end"),
        ])
    func malformed(body: String, reason: String) async throws {
        try await refused(Array(body.utf8), status: 400, code: "input.invalid", reason: reason)
    }

    @Test("a body that is not UTF-8 is refused")
    func notUTF8() async throws {
        try await refused(Array(#"{"verb":""#.utf8) + [0xFF] + Array(#""}"#.utf8), status: 400, code: "input.invalid")
    }

    @Test("a body nested deeper than any act is refused")
    func tooDeep() async throws {
        let body = Array(repeating: UInt8(ascii: "["), count: 100_000)
        try await refused(body, status: 413, code: "limit.reached")
    }

    @Test("a body beyond one mebibyte is refused")
    func tooLarge() async throws {
        try await refused(Self.body(reason: String(repeating: "x", count: 2 << 20)), status: 413, code: "limit.reached")
    }

    @Test("an act of nearly one mebibyte is performed, and its outcome is read")
    func large() async throws {
        let act = OperatorAct(.jobRetry, subjects: (100_000..<200_000).map(String.init), actor: "ada", reason: "outage")
        try await withServer { server in
            let outcome = try await server.client.perform(act)
            #expect(outcome.lines.count == 100_000)
        }
    }

    @Test("more clients at once than the service has places for all get their own answer")
    func concurrentClients() async throws {
        try await withServer { server in
            let client = server.client
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<150 {
                    group.addTask {
                        let act = OperatorAct(.jobRetry, subjects: ["\(number)"], actor: "\(number)", reason: "")
                        let outcome = try await client.perform(act)
                        #expect(outcome.lines == [.init("\(number)", done: true, "job retry for \(number)")])
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private static func body(reason: String = "") -> [UInt8] {
        OperatorAct(.jobRetry, subjects: ["1"], actor: "ada", reason: reason).json.bytes()
    }

    private func refused(_ body: [UInt8], status: Int, code: String, reason: String = "") async throws {
        let performer = StubPerformer { act in
            Issue.record("performed \(act)")
            return ActOutcome(lines: [])
        }
        try await withServer(performer: performer) { server in
            let answer = try await server.answer("POST", "/acts", body: body)
            #expect(answer.status == status)
            #expect(answer.headers["content-type"] == "application/problem+json")
            let problem = try JSONValue(parsing: answer.body)
            #expect(problem["code"]?.string == code)
            #expect(reason.isEmpty || problem["detail"]?.string?.contains(reason) == true, "\(problem)")
            #expect(problem["remedy"]?.string?.isEmpty == false)
        }
    }
}

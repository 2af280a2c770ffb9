// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting
import ServiceLifecycle
import Testing

@testable import GranaryServer

@Suite struct ClientTests {
    let act = OperatorAct(.jobRetry, subjects: ["17"], actor: "ada", reason: "")

    @Test("without a service, none runs, and asking says how to start one")
    func absent() async throws {
        let home = try TemporaryDirectory()
        let client = ControlClient(home: home.path)
        #expect(try await !client.isRunning())
        let error = await granaryError { _ = try await client.status() }
        #expect(error?.code == "service.absent")
        #expect(error?.remedy.contains("granary serve") == true)
    }

    @Test("a service that stays silent is given up in time, with a warning that the act may be done")
    func silent() async throws {
        let performer = StubPerformer { act in
            try await gracefulShutdown()
            return ActOutcome(lines: [])
        }
        try await withServer(performer: performer) { server in
            let hasty = ControlClient(home: server.home, actPatience: .milliseconds(20))
            let error = await granaryError { _ = try await hasty.perform(act) }
            #expect(error?.code == "service.unreachable")
            #expect(error?.remedy.contains("may have been done") == true)
            #expect(error?.disposition == .retry(after: nil))
        }
    }

    @Test("an answer that is not ours is refused")
    func strangeOutcome() {
        #expect(throws: GranaryError.self) { try ActOutcome(json: ["lines": [["subject": "1", "message": "?"]]]) }
        #expect(throws: GranaryError.self) { try ActOutcome(json: ["lines": [], "more": 1]) }
    }

    @Test(
        "an error survives the way through a problem",
        arguments: [
            GranaryError(.notFound, "No arrival 17.", subject: "17", remedy: "List them."),
            GranaryError(.storeFull, "Full.", remedy: "Make room.", disposition: .retry(after: .milliseconds(1500))),
            GranaryError(.checksumMismatch, "Differs.", remedy: "Send again.", disposition: .quarantine),
        ])
    func problem(error: GranaryError) throws {
        let back = try #require(GranaryError(problem: JSONValue(parsing: error.problem.bytes())))
        #expect(back.description == error.description)
        #expect(back.subject == error.subject)
        #expect(back.disposition == (error.retryAfter.map { .retry(after: .seconds($0)) } ?? error.disposition))
    }

    @Test("JSON that is no problem of ours is not taken for one")
    func notProblem() {
        #expect(GranaryError(problem: ["title": "Bad Gateway", "status": 502]) == nil)
    }

    @Test("the status tells what kind of fault it is")
    func statuses() {
        func status(_ code: GranaryError.Code, _ disposition: GranaryError.Disposition = .stop) -> JSONValue? {
            GranaryError(code, "", remedy: "", disposition: disposition).problem["status"]
        }
        #expect(status(.invalid) == 400)
        #expect(status(.denied) == 403)
        #expect(status(.notFound) == 404)
        #expect(status(.stateConflict) == 409)
        #expect(status(.limitReached) == 413)
        #expect(status(.sizeMismatch, .quarantine) == 422)
        #expect(status(.catalogFailed) == 500)
        #expect(status(.storeFull, .retry(after: nil)) == 503)
    }
}

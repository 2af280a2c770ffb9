// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

@testable import GranaryServer

@Suite struct RouteTests {
    @Test("a living service says so")
    func alive() async throws {
        try await withServer { server in
            let answer = try await server.answer("GET", "/healthz")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(try JSONValue(parsing: answer.body) == ["alive": true])
        }
    }

    @Test("HEAD is answered like GET, without the body")
    func head() async throws {
        try await withServer { server in
            let answer = try await server.answer("HEAD", "/healthz")
            #expect(answer.status == 200)
            #expect(answer.body.isEmpty)
        }
    }

    @Test("a service whose checks all pass is ready")
    func ready() async throws {
        try await withServer(checks: [ReadinessCheck("catalog") {}, ReadinessCheck("archive") {}]) { server in
            let answer = try await server.answer("GET", "/readyz")
            #expect(answer.status == 200)
            #expect(
                try JSONValue(parsing: answer.body) == [
                    "ready": true,
                    "checks": [["name": "catalog", "passed": true], ["name": "archive", "passed": true]],
                ])
        }
    }

    @Test("a failed check is named with its fault and its remedy, and the others are asked too")
    func notReady() async throws {
        let full = GranaryError(.storeFull, "No room left.", remedy: "Make room.", disposition: .retry(after: nil))
        let checks = [ReadinessCheck("archive") { throw full }, ReadinessCheck("catalog") {}]
        try await withServer(checks: checks) { server in
            let answer = try await server.answer("GET", "/readyz")
            #expect(answer.status == 503)
            let json = try JSONValue(parsing: answer.body)
            #expect(json["ready"] == false)
            #expect(json["checks"]?[0]?["passed"] == false)
            #expect(json["checks"]?[0]?["code"] == "store.full")
            #expect(json["checks"]?[0]?["remedy"] == "Make room.")
            #expect(json["checks"]?[1] == ["name": "catalog", "passed": true])
        }
    }

    @Test("the status is what the service was told to say")
    func status() async throws {
        try await withServer(status: { ["granules": 41] }) { server in
            let status = try await server.client.status()
            #expect(status == ["granules": 41])
        }
    }

    @Test("a status that cannot be had is an error with its remedy, at the client too")
    func brokenStatus() async throws {
        let broken = GranaryError(.catalogFailed, "The catalog is gone.", remedy: "Restore it.")
        try await withServer(status: { throw broken }) { server in
            let error = await granaryError { _ = try await server.client.status() }
            #expect(error?.code == .catalogFailed)
            #expect(error?.remedy == "Restore it.")
        }
    }

    @Test(
        "an unknown path is a problem that lists what there is", arguments: ["/", "/healthz/", "/act", "/../healthz"])
    func unknownPath(path: String) async throws {
        try await withServer { server in
            let answer = try await server.answer("GET", path)
            #expect(answer.status == 404)
            #expect(answer.headers["content-type"] == "application/problem+json")
            let problem = try JSONValue(parsing: answer.body)
            #expect(problem["code"] == "not.found")
            #expect(problem["status"] == 404)
            #expect(problem["remedy"]?.string?.contains("POST /acts") == true)
        }
    }

    @Test(
        "a wrong method is a problem that says which are right",
        arguments: [
            ("POST", "/healthz", "GET"), ("GET", "/acts", "POST"), ("DELETE", "/status", "GET"),
            ("HEAD", "/acts", "POST"),
        ])
    func wrongMethod(method: String, path: String, allowed: String) async throws {
        try await withServer { server in
            let answer = try await server.answer(method, path)
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == allowed)
        }
    }
}

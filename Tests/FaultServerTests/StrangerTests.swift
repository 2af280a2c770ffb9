// SPDX-License-Identifier: Apache-2.0

import FaultServer
import Foundation
import GranaryTesting
import Testing

/// What boto3, which was written by others, makes of the server.
@Suite("The fault server as boto3 sees it") struct StrangerTests {
    @Test(
        "answers as AWS does",
        .enabled(if: Stranger.isThere, "python3 with boto3 is not installed, so nobody else asks the server"),
        arguments: ["s3", "s3listing", "s3multipart", "refusals", "sqs", "sns", "kinesis"])
    func asked(_ section: String) async throws {
        let server = try FaultServer()
        let outcome = try await Stranger.ask(section, server)
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test(
        "a clock that is sixteen minutes wrong is refused, either way", .enabled(if: Stranger.isThere),
        arguments: [Duration.seconds(960), .seconds(-960)])
    func skewed(_ skew: Duration) async throws {
        let server = try FaultServer()
        server.skewClock(by: skew)
        let outcome = try await Stranger.ask("skewed", server)
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test("the journal holds what was accepted and nothing that was refused", .enabled(if: Stranger.isThere))
    func journal() async throws {
        let server = try FaultServer()
        #expect(try await Stranger.ask("s3", server).status == 0)
        #expect(server.journal.effects(.created, on: "b/a b+c&d.nc").count == 1)
        #expect(server.journal.effects(.replaced, on: "b/a b+c&d.nc").isEmpty)
        #expect(server.journal.effects(.created, on: "b/wrong").isEmpty)
        #expect(server.journal.effects(.removed, on: "b/copy").count == 1)
    }
}

/// The helper process.
private enum Stranger {
    static let isThere = (try? run(["-c", "import boto3"]).status) == 0

    static func ask(_ section: String, _ server: FaultServer) async throws -> (status: Int32, output: String) {
        let tools = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let script = tools.appending(path: "tools/faultprobe.py").path()
        let arguments = [script, section, server.url, server.keys.accessKey, server.keys.secretKey]
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try run(arguments) }) }
        }
    }

    private static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let outcome = try ChildProcess.run(["python3"] + arguments)
        return (outcome.status, outcome.output + outcome.errors)
    }
}

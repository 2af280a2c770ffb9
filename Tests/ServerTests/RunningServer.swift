// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting
import Logging
import ServiceLifecycle

@testable import GranaryServer

/// A home with a server in it, made anew for one test.
struct RunningServer {
    let home: String
    let services: ServiceGroup

    var client: ControlClient { ControlClient(home: home, patience: .seconds(120)) }

    /// The raw answer to a request that no proper client would send.
    func answer(_ method: String, _ path: String, body: [UInt8] = []) async throws -> HTTPExchange.Answer {
        try await HTTPExchange(socket: ControlSocket(home: home))
            .send(.init(method, path, body: body), patience: .seconds(300))
    }
}

/// Performs acts as the test says.
struct StubPerformer: ActPerformer {
    let body: @Sendable (OperatorAct) async throws -> ActOutcome

    func perform(_ act: OperatorAct) async throws -> ActOutcome { try await body(act) }

    /// Says of every subject that it was done, and for whom.
    static let obliging = StubPerformer { act in
        ActOutcome(lines: act.subjects.map { .init($0, done: !act.dryRun, "\(act.verb.rawValue) for \(act.actor)") })
    }
}

/// Runs a server while `body` runs, and returns when it has ended after a graceful shutdown.
func withServer(
    home: String, performer: StubPerformer = .obliging, checks: [ReadinessCheck] = [],
    status: @escaping @Sendable () async throws -> JSONValue = { ["granules": 3] },
    _ body: (RunningServer) async throws -> Void
) async throws {
    let (listening, signal) = AsyncStream.makeStream(of: Void.self)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server = ControlServer(
        home: home, performer: performer, checks: checks, status: status, logger: logger,
        // Other tests may keep both sides from the processors for longer than any client has to be waited for.
        silence: .seconds(600), onListening: { signal.yield() })
    let services = ServiceGroup(services: [server], logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { signal.finish() }
            try await services.run()
        }
        guard await listening.first(where: { true }) != nil else { return try await group.waitForAll() }
        do {
            try await body(RunningServer(home: home, services: services))
        } catch {
            await services.triggerGracefulShutdown()
            throw error
        }
        await services.triggerGracefulShutdown()
        try await group.waitForAll()
    }
}

/// The same in a temporary home.
func withServer(
    performer: StubPerformer = .obliging, checks: [ReadinessCheck] = [],
    status: @escaping @Sendable () async throws -> JSONValue = { ["granules": 3] },
    _ body: (RunningServer) async throws -> Void
) async throws {
    let home = try TemporaryDirectory()
    try await withServer(home: home.path, performer: performer, checks: checks, status: status, body)
}

/// The error that `body` throws; nil when it throws another kind or none.
func granaryError(_ body: () async throws -> Void) async -> GranaryError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? GranaryError
    }
}

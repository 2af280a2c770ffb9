// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Logging
import ServiceLifecycle
import Testing

@testable import GranaryServer

@Suite struct SocketTests {
    let home: TemporaryDirectory
    let act = OperatorAct(.jobRetry, subjects: ["17"], actor: "ada", reason: "")

    init() throws { home = try TemporaryDirectory() }

    @Test("the socket belongs to its user alone")
    func mode() async throws {
        try await withServer(home: home.path) { server in
            let attributes = try FileManager.default.attributesOfItem(atPath: home.file("granary.sock"))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(attributes[.type] as? FileAttributeType == .typeSocket)
            #expect(try await server.client.isRunning())
        }
    }

    @Test("a service that ends leaves its home as it found it")
    func removed() async throws {
        try await withServer(home: home.path) { _ in
            let found = try contents()
            #expect(found == ["granary.sock"])
        }
        #expect(try contents() == [])
    }

    @Test("a service that is cancelled removes its socket too")
    func cancelled() async throws {
        let (listening, signal) = AsyncStream.makeStream(of: Void.self)
        let server = ControlServer(
            home: home.path, performer: StubPerformer.obliging, checks: [], status: { [:] },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onListening: { signal.yield() })
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            #expect(await listening.first { true } != nil)
            group.cancelAll()
        }
        #expect(try contents() == [])
    }

    @Test("the socket of a dead service counts as no service, and the next one replaces it")
    func stale() async throws {
        try leaveStaleSocket()
        #expect(try await !ControlClient(home: home.path).isRunning())
        try await withServer(home: home.path) { server in
            let running = try await server.client.isRunning()
            #expect(running)
        }
    }

    @Test("a crash while the socket was being made does not hinder the next service")
    func staleCradle() async throws {
        try leaveStaleSocket()
        try FileManager.default.createDirectory(atPath: home.file(".control"), withIntermediateDirectories: false)
        try FileManager.default.moveItem(atPath: home.file("granary.sock"), toPath: home.file(".control/granary.sock"))
        try await withServer(home: home.path) { server in
            let running = try await server.client.isRunning()
            #expect(running)
        }
        #expect(try contents() == [])
    }

    @Test("the socket of a living service is left alone, and the second service says so")
    func live() async throws {
        try await withServer(home: home.path) { first in
            let error = await granaryError {
                try await withServer(home: home.path) { _ in Issue.record("the second service started") }
            }
            #expect(error?.code == .locked)
            #expect(error?.message.contains(home.path) == true)
            let status = try await first.client.status()
            #expect(status == ["granules": 3])
        }
    }

    @Test("a file that is not a socket is not overwritten")
    func inTheWay() async throws {
        try Data("precious".utf8).write(to: URL(filePath: home.file("granary.sock")))
        let error = await granaryError { try await withServer(home: home.path) { _ in } }
        #expect(error?.code == .pathRefused)
        #expect(try String(contentsOfFile: home.file("granary.sock"), encoding: .utf8) == "precious")
    }

    @Test("a file in the place where the socket is made is reported and left alone")
    func cradleInTheWay() async throws {
        try Data("precious".utf8).write(to: URL(filePath: home.file(".control")))
        let error = await granaryError { try await withServer(home: home.path) { _ in } }
        #expect(error?.code == .denied)
        #expect(try contents() == [".control"])
    }

    @Test("a service does not remove a socket that has taken the place of its own")
    func successor() async throws {
        try await withServer(home: home.path) { _ in
            try FileManager.default.removeItem(atPath: home.file("granary.sock"))
            try leaveStaleSocket()
        }
        #expect(try contents().contains("granary.sock"))
    }

    @Test("a home whose path is longer than a socket address holds is served all the same")
    func longHome() async throws {
        let deep = home.file(String(repeating: "d", count: 120))
        try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
        try await withServer(home: deep) { server in
            #expect(FileManager.default.fileExists(atPath: "\(deep)/granary.sock"))
            let outcome = try await server.client.perform(act)
            #expect(outcome.lines.count == 1)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: deep) == [])
    }

    @Test(
        "a home that is not there cannot be served, and says so",
        arguments: ["gone", String(repeating: "g", count: 120)])
    func noHome(name: String) async throws {
        let error = await granaryError { try await withServer(home: home.file(name)) { _ in } }
        #expect(error?.code == .denied)
        #expect(error?.remedy.isEmpty == false)
    }

    @Test("a shutdown during an act answers it first")
    func shutdownInFlight() async throws {
        let performer = StubPerformer { act in
            try await gracefulShutdown()  // the test asks for it below, once the act is under way
            return try await StubPerformer.obliging.perform(act)
        }
        let (entered, signal) = AsyncStream.makeStream(of: Void.self)
        let announced = StubPerformer { act in
            signal.yield()
            return try await performer.perform(act)
        }
        try await withServer(home: home.path, performer: announced) { server in
            async let outcome = server.client.perform(act)
            for await _ in entered { break }
            await server.services.triggerGracefulShutdown()
            let lines = try await outcome.lines
            #expect(lines == [.init("17", done: true, "job retry for ada")])
        }
        #expect(try await !ControlClient(home: home.path).isRunning())
    }

    private func contents() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: home.path).sorted()
    }

    /// Bound once and closed, as a killed service leaves it.
    private func leaveStaleSocket() throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: home.file("granary.sock").utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
    }
}

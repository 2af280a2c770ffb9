// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GranaryCore
internal import Synchronization

/// A real server that a script of `Tests/servers` runs for this test process: started when first asked for, shared by all
/// tests (each uses a folder or bucket of its own), and ended by the script once this process is gone.
public struct TestServer: Sendable {
    /// What the script printed: `PORT`, `USER` and so on; its first lines say which there are.
    public let values: [String: String]

    public subscript(_ key: String) -> String { values[key] ?? "" }

    public func port(_ key: String = "PORT") -> Int { Int(self[key]) ?? 0 }

    /// Starts a server, or gives the one that runs already. Throws with the script's last words.
    public static func start(_ name: String) async throws -> TestServer {
        try await withCheckedThrowingContinuation { waiter in
            queue.async { waiter.resume(with: shared(name)) }
        }
    }

    /// A server of the caller's own, for tests that stop it, below `folder`.
    public static func start(_ name: String, in folder: String) async throws -> TestServer {
        try await withCheckedThrowingContinuation { waiter in
            queue.async { waiter.resume(with: Result { try run(name, "start", folder) }) }
        }
    }

    public static func stop(_ name: String, in folder: String) async throws {
        try await withCheckedThrowingContinuation { waiter in
            queue.async { waiter.resume(with: Result { _ = try run(name, "stop", folder) }) }
        }
    }

    private static let queue = DispatchQueue(label: "granary.test-servers")
    private static let started = Mutex<[String: Result<TestServer, any Error>]>([:])

    private static func shared(_ name: String) -> Result<TestServer, any Error> {
        if let known = started.withLock({ $0[name] }) { return known }
        let base = FileManager.default.temporaryDirectory.path
        let folder = "\(base)/granary-\(name)-\(SystemRandomness().identifier())"
        let result = Result { try run(name, "start", folder) }
        started.withLock { $0[name] = result }
        return result
    }

    private static func run(_ name: String, _ act: String, _ folder: String) throws -> TestServer {
        let owner = String(ProcessInfo.processInfo.processIdentifier)
        let outcome = try ChildProcess.run([scripts.appending(path: name).path(), act, folder, owner])
        guard outcome.status == 0 else { throw ServerFailure(name: name, words: outcome.errors) }
        return TestServer(values: values(outcome.output))
    }

    private static func values(_ text: String) -> [String: String] {
        let pairs = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map { String($0) } }
        return Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { $1 }
    }

    private static let scripts = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Tests/servers")
}

private struct ServerFailure: Error, CustomStringConvertible {
    let name: String
    let words: String

    var description: String { "Tests/servers/\(name) failed:\n\(words)" }
}

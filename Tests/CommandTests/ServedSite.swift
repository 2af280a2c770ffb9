// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Subprocess
import SystemPackage

/// A site in a home of its own, which the real program serves.
struct ServedSite: Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// A file as the ledger has it, with the watcher that brought it.
    struct Archived: Sendable, Hashable {
        var source: String
        var name: String
        var bytes: [UInt8]
        var verification: String
    }

    let base: TemporaryDirectory
    var environment: [Environment.Key: String] = [:]
    /// What stands before the program's own name: `setpriv` and its arguments.
    var launcher: [String] = []
    var home: String { base.file("home") }
    /// What the service said, on either stream.
    var output: String { text("output") }
    var log: String { text("log") }

    init(_ configuration: String, processes: [String: String] = [:]) throws {
        base = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: base.file("home/processes"), withIntermediateDirectories: true)
        try write("site: served\n" + Self.collections + configuration, to: "home/granary.yaml")
        for (name, text) in processes { try write(text, to: "home/processes/\(name).yaml") }
    }

    /// Files `x_….nc` are granules of one collection; somebody has to vouch for each.
    private static let collections = """
        collections:
          - {name: SWATH, version: "1", files: [{pattern: 'x_.*\\.nc'}]}

        """

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: base.file(name)))
    }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: base.file(name)) ?? Data(), as: UTF8.self)
    }

    /// Serves the site while `body` looks on, and then asks the service to stop. Throws unless it stopped in good order.
    func serve<Value: Sendable>(_ body: (pid_t) async throws -> Value) async throws -> Value {
        let command = launcher + [try BuiltProgram.path(), "serve", "--home", home, "--log-level", "trace"]
        let result = try await Subprocess.run(
            .path(FilePath(command[0])), arguments: Arguments(Array(command.dropFirst())),
            environment: .custom(["PATH": "/usr/bin:/bin"].merging(environment) { $1 }), input: .none,
            output: .fileDescriptor(try file("output"), closeAfterSpawningProcess: true),
            error: .fileDescriptor(try file("log"), closeAfterSpawningProcess: true)
        ) { execution in
            do {
                let value = try await body(execution.processIdentifier.value)
                try execution.send(signal: .terminate)
                return value
            } catch {
                try? execution.send(signal: .terminate)
                throw error
            }
        }
        guard case .exited(0) = result.terminationStatus else {
            throw Failure(description: "it ended with \(result.terminationStatus):\n\(log.suffix(3000))")
        }
        return result.closureResult
    }

    private func file(_ name: String) throws -> FileDescriptor {
        try FileDescriptor.open(
            FilePath(base.file(name)), .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
    }

    /// Waits until something is so. Throws with the end of the log when it does not come about.
    func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(90)
        while try await !isSo() {
            guard ContinuousClock.now < end else {
                throw Failure(description: "not in 90 s: \(what)\n\(log.suffix(6000))")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Runs another command beside the service.
    func run(_ arguments: [String]) async throws -> GranaryBinary.Outcome {
        try await GranaryBinary.run(arguments + ["--home", home], environment: environment)
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> Value) async throws -> Value {
        let catalog = try Catalog.openForReading(at: home + "/catalog.sqlite")
        let value = try await catalog.read(body)
        try await catalog.database.close()
        return value
    }

    /// The first number of a row; 0 while there is no ledger yet.
    func count(_ query: String) async -> Int { (try? await read { try $0.count(query) }) ?? 0 }

    func archived() async throws -> Set<Archived> {
        let rows = try await read { session in
            try session.query(
                """
                SELECT a.source AS source, f.name AS name, f.archive_path AS place, f.verification AS verification
                FROM file f JOIN arrival a ON a.id = f.arrival_id WHERE a.state = 'archived'
                """
            ).map {
                (
                    try $0.text("source"), try $0.path("name").description, try $0.path("place").description,
                    try $0.text("verification")
                )
            }
        }
        return Set(
            try rows.map { source, name, place, verification in
                let bytes = try Data(contentsOf: URL(filePath: "\(home)/archive/\(place)"))
                return Archived(source: source, name: name, bytes: Array(bytes), verification: verification)
            })
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Subprocess
import SystemPackage

/// The program as it was built beside these tests, and the package that they belong to.
enum BuiltProgram {
    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The tests are an executable in the folder of all build products.
    static func path() throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: tests).deletingLastPathComponent().appending(path: "granary").path
    }

    /// Runs the program to its end; nil as status when a signal ended it.
    static func run(_ arguments: [String]) async throws -> Ended { try await end(path(), arguments) }

    /// Runs one of the tools of `Tests/tools` on the program.
    static func tool(_ name: String, _ arguments: [String]) async throws -> Ended {
        try await end("/usr/bin/env", ["python3", "\(package)/Tests/tools/\(name)", "--binary", path()] + arguments)
    }

    private static func end(_ program: String, _ arguments: [String]) async throws -> Ended {
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), output: .string(limit: 4 << 20),
            error: .combinedWithOutput)
        let status: Int32? =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled: nil
            }
        return Ended(status: status, output: result.standardOutput)
    }
}

/// How a command ended, and all that it printed.
struct Ended: Sendable {
    var status: Int32?
    var output: String
}

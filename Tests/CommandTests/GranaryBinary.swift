// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Subprocess
import SystemPackage
import Testing

/// The program as a user starts it, with what it prints on either stream kept apart.
enum GranaryBinary {
    /// What one run of it said.
    struct Outcome {
        var code: Int32
        var output: String
        var error: String

        func json() throws -> JSONValue { try JSONValue(parsing: output) }

        /// Each line of `-o jsonl`.
        func jsonLines() throws -> [JSONValue] {
            try output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        }

        /// The records of `-o csv`, header included.
        var records: [[String]] { parsed(csv: output) }
    }

    /// Runs it to its end, in no environment but `PATH`, so that no home and no user of the machine is taken over.
    static func run(
        _ arguments: [String], input: String = "", environment: [Environment.Key: String] = [:]
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(try BuiltProgram.path())), arguments: Arguments(arguments),
            environment: .custom(["PATH": "/usr/bin:/bin", "USER": "tester"].merging(environment) { $1 }),
            input: .string(input), output: .string(limit: 1 << 24), error: .string(limit: 1 << 20))
        guard case .exited(let code) = result.terminationStatus else {
            return Outcome(code: -1, output: "", error: "signalled")
        }
        return Outcome(code: code, output: result.standardOutput, error: result.standardError)
    }
}

/// RFC 4180, read by the letter: quotes around what holds commas, quotes or line ends, doubled inside.
private func parsed(csv text: String) -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var field = String.UnicodeScalarView()
    var isQuoted = false
    var scalars = text.unicodeScalars.makeIterator()
    var ahead = scalars.next()
    while let scalar = ahead {
        ahead = scalars.next()
        switch (scalar, isQuoted) {
        case ("\"", true) where ahead == "\"":
            field.append("\"")
            ahead = scalars.next()
        case ("\"", _): isQuoted.toggle()
        case (",", false):
            record.append(String(field))
            field = String.UnicodeScalarView()
        case ("\r", false) where ahead == "\n":
            ahead = scalars.next()
            records.append(record + [String(field)])
            (record, field) = ([], String.UnicodeScalarView())
        default: field.append(scalar)
        }
    }
    return records
}

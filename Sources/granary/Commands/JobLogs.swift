// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import GranaryCatalog
import GranaryCore
import SystemPackage

/// `granary job logs`: what an attempt wrote to its two streams.
struct JobLogs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print what a job wrote: its output, then its errors.",
        discussion: "Control characters are escaped on a terminal and left alone elsewhere.")

    enum Stream: String, CaseIterable, ExpressibleByArgument {
        case both, stdout, stderr

        var files: [String] {
            switch self {
            case .both: ["_stdout.txt", "_stderr.txt"]
            case .stdout: ["_stdout.txt"]
            case .stderr: ["_stderr.txt"]
            }
        }
    }

    @Argument(help: "Its id, as `list` prints it.")
    var id: Int64

    @Option(name: .long, help: "Which attempt, from 1 (default: the latest).")
    var attempt: Int?

    @Option(name: .long, help: "both, stdout or stderr.")
    var stream: Stream = .both

    @OptionGroup var home: HomeOption

    func run() async throws {
        let id = id
        guard let trace = try await home.reading({ try $0.trace(ofJob: id) }) else { throw notFound("job", id, "job") }
        let wanted = attempt.map { number in trace.attempts.first { $0.number == number } } ?? trace.attempts.last
        guard let wanted else {
            throw GranaryError(
                .notFound, "Job \(id) has no \(attempt.map { "attempt \($0)" } ?? "attempt yet").",
                subject: "job \(id)",
                remedy: "`granary job show \(id)` lists its attempts.")
        }
        for name in stream.files {
            try print(
                "\(wanted.directory)/\(name)", under: stream == .both ? "\(name) of attempt \(wanted.number)" : nil)
        }
    }

    private func print(_ path: String, under heading: String?) throws {
        if let heading { standardError("== \(heading)") }
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            try file.closeAfter { try copy(file) }
        } catch let error as Errno {
            throw GranaryError(
                .notFound, "The log \(path) cannot be read: \(error).", subject: path,
                remedy:
                    "The job's directory may have been cleaned up; `granary job show` tells what the ledger keeps.",
                cause: error)
        }
    }

    private func copy(_ file: FileDescriptor) throws {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        while true {
            let bytes = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard !bytes.isEmpty else { return }
            _ = try FileDescriptor.standardOutput.writeAll(isTerminal ? calmed(bytes) : bytes)
        }
    }
}

/// The bytes without those that drive a terminal; lines and tabs stay.
private func calmed(_ bytes: [UInt8]) -> [UInt8] {
    bytes.flatMap { byte -> [UInt8] in
        let isPlain = byte == 0x0A || byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
        return isPlain ? [byte] : Array("\\x\(String(byte, radix: 16))".utf8)
    }
}

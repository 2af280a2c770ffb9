// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryProcessing

@Suite struct CommandRunnerTests {
    let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    private func run(
        _ script: String, _ arguments: [String] = [], environment: [String: String] = ["PATH": "/usr/bin:/bin"],
        soft: Duration = .seconds(600), hard: Duration = .seconds(900), confinement: ConfinementChoice = .best
    ) async throws -> RunOutcome {
        let program = directory.file("program")
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: program))
        chmod(program, 0o755)
        return try await CommandRunner(confinement: confinement).run(
            RunRequest(
                arguments: [program] + arguments, environment: environment, directory: directory.path, softLimit: soft,
                hardLimit: hard))
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: directory.file(name))), as: UTF8.self)
    }

    @Test("exit codes, signals and output come back as they are", arguments: [ConfinementChoice.best, .marks])
    func outcomes(_ confinement: ConfinementChoice) async throws {
        #expect(try await run("echo out; echo err >&2", confinement: confinement) == .exited(code: 0))
        #expect(try text("_stdout.txt") == "out\n")
        #expect(try text("_stderr.txt") == "err\n")
        #expect(try await run("exit 7", confinement: confinement) == .exited(code: 7))
        #expect(try await run("kill -SEGV $$", confinement: confinement) == .signalled(SIGSEGV))
    }

    @Test("arguments arrive verbatim, whatever they look like")
    func hostileArguments() async throws {
        let hostile = [
            "two words", "$(touch pwned)", "`touch pwned`", "'", "\"", "-rf", "--", "", "*", "a;b|c&d", "\\",
            "line\nbreak",
            "$HOME", "é\u{301}",
        ]
        #expect(try await run(#"printf '%s\0' "$@""#, hostile) == .exited(code: 0))
        #expect(
            try text("_stdout.txt").split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
                == hostile + [""])
        #expect(!FileManager.default.fileExists(atPath: directory.file("pwned")))
    }

    @Test("the environment is what was given and nothing else")
    func environment() async throws {
        setenv("GRANARY_TEST_SECRET", "hush", 1)
        _ = try await run("cat /proc/$$/environ", environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"])
        let names = try text("_stdout.txt").split(separator: "\0").map { $0.prefix { $0 != "=" } }.filter {
            $0 != "PWD"
        }
        #expect(Set(names) == ["PATH", "LANG"])
    }

    @Test("no descriptor but the three is open in the command, and input is empty")
    func descriptors() async throws {
        _ = try await run("cat; exec ls /proc/self/fd")
        // 3 is the hold of `ls` on the directory that it lists.
        #expect(try text("_stdout.txt") == "0\n1\n2\n3\n")
    }

    @Test("output beyond the limit is cut, says so, and keeps its end")
    func hugeOutput() async throws {
        #expect(try await run("head -c 20000000 /dev/zero | tr '\\0' x; echo; echo the end") == .exited(code: 0))
        let kept = try Data(contentsOf: URL(fileURLWithPath: directory.file("_stdout.txt")))
        #expect(kept.count < Limits.jobOutput + Limits.storedText + 200)
        #expect(kept.count > Limits.jobOutput)
        let end = String(decoding: kept.suffix(Limits.storedText + 100), as: UTF8.self)
        #expect(end.contains("[granary: cut here;") && end.hasSuffix("the end\n"))
    }

    @Test("the soft limit asks: a command that listens can put its things in order")
    func softLimit() async throws {
        let outcome = try await run(
            "trap 'echo tidy; exit 0' TERM; while :; do sleep 0.05; done", soft: .milliseconds(300))
        #expect(outcome == .timedOut)
        #expect(try text("_stdout.txt") == "tidy\n")
    }

    @Test(
        "the hard limit leaves nothing alive, not even what ignores TERM and has left the session",
        arguments: [ConfinementChoice.best, .marks])
    func hardLimit(_ confinement: ConfinementChoice) async throws {
        let outcome = try await run(
            Self.family, soft: .seconds(2), hard: .seconds(5), confinement: confinement)
        #expect(outcome == .timedOut)
        let pids = try text("pids").split(separator: "\n").compactMap { pid_t($0) }
        #expect(pids.count == 3)
        #expect(pids.filter(isAlive) == [])
    }

    @Test("what a command leaves behind ends with it, also when it holds the output open")
    func leftBehind() async throws {
        let outcome = try await run(
            "(setsid sh -c 'echo $$ >>pids; exec sleep 1000' &); while [ ! -s pids ]; do :; done")
        #expect(outcome == .exited(code: 0))
        #expect(try text("pids").split(separator: "\n").compactMap { pid_t($0) }.filter(isAlive) == [])
    }

    @Test("cancelling ends the command and all it started before run returns")
    func cancellation() async throws {
        let task = Task { try await run(Self.family) }
        while ((try? text("pids")) ?? "").split(separator: "\n").count < 3 {
            try await Task.sleep(for: .milliseconds(5))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try text("pids").split(separator: "\n").compactMap { pid_t($0) }.filter(isAlive) == [])
    }

    @Test("a program that is not there is an error of its own", arguments: ["no-such-program", "/no/such", "./no", ""])
    func missingProgram(_ program: String) async throws {
        let request = RunRequest(
            arguments: [program], environment: ["PATH": "/usr/bin:/bin"], directory: directory.path,
            softLimit: .seconds(1), hardLimit: .seconds(1))
        let error = await #expect(throws: GranaryError.self) { try await CommandRunner().run(request) }
        #expect(error?.code == .programMissing)
    }

    @Test("five hundred short commands, eight at a time, leave no descriptor open")
    func noLeak() async throws {
        let runner = CommandRunner()
        let request = RunRequest(
            arguments: ["true"], environment: ["PATH": "/usr/bin:/bin"], directory: directory.path,
            softLimit: .seconds(600), hardLimit: .seconds(900))
        _ = try await runner.run(request)
        let before = openDescriptors()
        try await withThrowingTaskGroup(of: RunOutcome.self) { group in
            for _ in 0..<8 { group.addTask { try await runner.run(request) } }
            for number in 0..<500 {
                let outcome = try await group.next()
                #expect(outcome == .exited(code: 0))
                if number < 492 { group.addTask { try await runner.run(request) } }
            }
        }
        // Other tests run beside this one and hold a few; a leak would be hundreds.
        #expect(openDescriptors() < before + 60)
    }

    /// Three processes that ignore TERM: the command, a child, and a grandchild orphaned into a session of its own.
    private static let family = """
        trap '' TERM
        echo $$ >>pids
        sh -c 'trap "" TERM; echo $$ >>pids; while :; do sleep 1; done' &
        (setsid sh -c 'trap "" TERM; echo $$ >>pids; while :; do sleep 1; done' &)
        while :; do sleep 1; done
        """
}

private func openDescriptors() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
}

/// A process that has ended but that nobody has reaped yet is not alive.
func isAlive(_ process: pid_t) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
    return status.split(separator: ")").last?.split(separator: " ").first != "Z"
}

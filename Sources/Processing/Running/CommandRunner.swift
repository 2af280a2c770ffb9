// SPDX-License-Identifier: Apache-2.0

internal import Glibc
public import GranaryCore
internal import Subprocess
internal import SystemPackage

/// Runs a process as a command of this machine.
///
/// Each attempt gets a session of its own, the environment it was given and nothing else, `/dev/null` as input, no
/// descriptor but its three, no core file, and a `Confinement` that holds whatever it starts. Its output goes to
/// `_stdout.txt` and `_stderr.txt` in its directory, each cut at `Limits.jobOutput`. When the command has ended, for
/// whatever reason, everything it started and left behind is ended too.
public struct CommandRunner: Runner {
    private let chooser: ConfinementChooser

    public init(confinement: ConfinementChoice = .best) { chooser = ConfinementChooser(confinement) }

    public func run(_ attempt: RunRequest) async throws -> RunOutcome {
        let command = try resolved(attempt)
        let confinement = chooser.confine()
        let output = OutputFiles(directory: attempt.directory)
        let outcome: Result<RunOutcome, any Error>
        do {
            outcome = .success(try await carryOut(attempt, command, confinement, output))
        } catch {
            outcome = .failure(error)
        }
        // Runs to its end even when this task is cancelled: nothing of the attempt may outlive it.
        await Task { await confinement.end() }.value
        try Task.checkCancellation()
        return try outcome.get()
    }

    private func carryOut(
        _ attempt: RunRequest, _ command: [String], _ confinement: any Confinement, _ output: OutputFiles
    ) async throws -> RunOutcome {
        let out = try output.open("_stdout.txt")
        defer { out.close() }
        let errors = try output.open("_stderr.txt")
        defer { errors.close() }
        let result = try await Subprocess.run(
            launch(attempt, command, confinement), input: .none, output: .sequence, error: .sequence
        ) { execution in
            let leader = execution.processIdentifier.value
            confinement.leads(leader)
            async let first: Void = copy(execution.standardOutput, to: out)
            async let second: Void = copy(execution.standardError, to: errors)
            let wasStopped = await Supervision(
                leader: leader, confinement: confinement, softLimit: attempt.softLimit, hardLimit: attempt.hardLimit
            ).untilEnd()
            _ = try await (first, second)
            return wasStopped
        }
        if result.closureResult { return .timedOut }
        return switch result.terminationStatus {
        case .exited(let code): .exited(code: code)
        case .signaled(let signal): .signalled(signal)
        }
    }

    private func launch(_ attempt: RunRequest, _ command: [String], _ confinement: any Confinement) -> Configuration {
        var options = PlatformOptions()
        options.createSession = true
        let environment = attempt.environment.merging(confinement.environment) { _, own in own }
        return Configuration(
            executable: .path("/bin/sh"),
            arguments: Arguments(["-c", launchScript, "granary", confinement.joinFile] + command),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })),
            workingDirectory: FilePath(attempt.directory), platformOptions: options)
    }
}

/// What stands between us and the command: a fixed text that lowers limits, enters the confinement and becomes the
/// command. The command is handed to it as positional parameters, so no byte of it is ever read as shell.
///
/// It is there because both steps must happen after the process exists and before the command's first instruction.
private let launchScript = """
    ulimit -c 0; umask 022; if [ -n "$1" ]; then echo 0 >"$1" || exit 125; fi; shift; exec "$@"
    """

private func copy(_ stream: SubprocessOutputSequence, to file: CappedFile) async throws {
    var file = file
    for try await buffer in stream { buffer.withUnsafeBytes { file.write($0) } }
    try file.finish()
}

/// The command with its program as a path, so that a missing program is told apart from one that fails.
private func resolved(_ attempt: RunRequest) throws -> [String] {
    guard let program = attempt.arguments.first, !program.isEmpty else { throw missing("nothing") }
    let candidates: [String] =
        if program.utf8.contains(UInt8(ascii: "/")) {
            [program.hasPrefix("/") ? program : "\(attempt.directory)/\(program)"]
        } else {
            (attempt.environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }.map {
                "\($0)/\(program)"
            }
        }
    guard let found = candidates.first(where: isProgram) else { throw missing(program) }
    return [found] + attempt.arguments.dropFirst()
}

private func isProgram(_ path: String) -> Bool {
    var status = stat()
    return access(path, X_OK) == 0 && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

private func missing(_ program: String) -> GranaryError {
    GranaryError(
        .programMissing, "The program \(program) is not there or cannot be executed.", subject: program,
        remedy: "Install it, or correct the command or the PATH of the process, then retry the job.")
}

extension GranaryError.Code {
    public static let programMissing: Self = "program.missing"
}

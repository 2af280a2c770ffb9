// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc
internal import GranaryCore

/// Runs another program to its end.
///
/// Foundation's `Process` takes a child for ended only when everything has let go of a socket that the child got, which a
/// server started by a script never does, nor one that another thread starts at the same instant. This asks the kernel.
public enum ChildProcess {
    public struct Outcome: Sendable {
        public var status: Int32
        public var output: String
        public var errors: String
    }

    /// Blocks its thread until the program has ended, not until its own children have. The program is looked for in `PATH`.
    public static func run(_ command: [String]) throws -> Outcome {
        let folder = try TemporaryDirectory()
        let (output, errors) = (folder.file("output"), folder.file("errors"))
        let status = wait(for: try spawn(command, output, errors))
        return Outcome(status: status, output: text(of: output), errors: text(of: errors))
    }

    private static func spawn(_ command: [String], _ output: String, _ errors: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
        let arguments = command.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        let status = posix_spawnp(&child, command[0], &actions, nil, arguments + [nil], environ)
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EINVAL) }
        return child
    }

    /// The exit status, or 128 and the number of the signal that ended it.
    private static func wait(for child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }

    private static func text(of file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }
}

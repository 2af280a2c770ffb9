// SPDX-License-Identifier: Apache-2.0

/// How a process is carried out: a command, a container, a batch system.
public protocol Runner: Sendable {
    /// Runs one attempt to its end and says how it ended. Throws only when the attempt could not be started.
    ///
    /// Cancelling the task ends the attempt and every process it started before this returns.
    func run(_ attempt: RunRequest) async throws -> RunOutcome
}

/// One attempt, ready to run.
public struct RunRequest: Sendable, Hashable {
    /// Program and arguments, exactly as given to the system; never a shell line.
    public var arguments: [String]
    /// The whole environment.
    public var environment: [String: String]
    /// An existing directory that is the attempt's own.
    public var directory: String
    /// After this long the process is asked to end (SIGTERM).
    public var softLimit: Duration
    /// After this long it is made to end (SIGKILL), with everything it started.
    public var hardLimit: Duration

    public init(
        arguments: [String], environment: [String: String], directory: String, softLimit: Duration, hardLimit: Duration
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.softLimit = softLimit
        self.hardLimit = hardLimit
    }
}

/// How an attempt ended.
public enum RunOutcome: Sendable, Hashable {
    case exited(code: Int32)
    case signalled(Int32)
    /// Ended by us at the soft or hard limit.
    case timedOut
}

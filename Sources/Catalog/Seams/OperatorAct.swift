// SPDX-License-Identifier: Apache-2.0

/// Something an operator asks for. The running service performs it; when none runs, the command does, through the same
/// code.
public struct OperatorAct: Sendable, Hashable, Codable {
    public enum Verb: String, Sendable, Hashable, Codable, CaseIterable {
        case quarantineRelease = "quarantine release"
        case quarantineRetry = "quarantine retry"
        case quarantineReject = "quarantine reject"
        case jobRetry = "job retry"
        case deliveryResend = "delivery resend"
        case ingest
    }
    public var verb: Verb
    /// Row ids for acts on rows, paths for `ingest`.
    public var subjects: [String]
    public var actor: String
    public var reason: String
    /// Say what would happen, change nothing.
    public var dryRun: Bool

    public init(_ verb: Verb, subjects: [String], actor: String, reason: String, dryRun: Bool = false) {
        self.verb = verb
        self.subjects = subjects
        self.actor = actor
        self.reason = reason
        self.dryRun = dryRun
    }
}

/// What became of each subject of an act.
public struct ActOutcome: Sendable, Hashable, Codable {
    public struct Line: Sendable, Hashable, Codable {
        public var subject: String
        public var done: Bool
        /// One sentence.
        public var message: String

        public init(_ subject: String, done: Bool, _ message: String) {
            self.subject = subject
            self.done = done
            self.message = message
        }
    }
    public var lines: [Line]

    public init(lines: [Line]) { self.lines = lines }
}

/// Writes the audit entry of one line of an act, in the transaction of what the line says; given to the desks that act.
public typealias ActAudit = @Sendable (any SQLSession, ActOutcome.Line) throws -> Void

/// Performs acts, and writes each into the audit log.
public protocol ActPerformer: Sendable {
    func perform(_ act: OperatorAct) async throws -> ActOutcome
}

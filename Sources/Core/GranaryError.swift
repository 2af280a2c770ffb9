// SPDX-License-Identifier: Apache-2.0

/// What went wrong, with what, and what can be done about it: the one error that crosses a module's border.
///
/// The adapter that meets the raw fault decides `disposition`, because only it knows whether a fault passes by itself.
/// Errors travel up and are reported once, where they are handled.
public struct GranaryError: Error, Sendable {
    /// A stable word for scripts, tables and tests: `area.fault`, for example `checksum.mismatch`.
    public var code: Code
    /// One sentence: what happened to what, and why.
    public var message: String
    /// The thing it happened to: a path, a granule, a message.
    public var subject: String?
    /// One sentence for the operator: what to do.
    public var remedy: String
    /// What the caller can sensibly do next.
    public var disposition: Disposition
    /// The error of the system or library that this one explains; for the log, never for a decision.
    public var cause: (any Error)?

    public init(
        _ code: Code, _ message: String, subject: String? = nil, remedy: String,
        disposition: Disposition = .stop, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.subject = subject
        self.remedy = remedy
        self.disposition = disposition
        self.cause = cause
    }

    public enum Disposition: Sendable, Equatable {
        /// The fault may pass by itself; `after` is the least time to wait, where the other side named one.
        case retry(after: Duration?)
        /// The item is bad and stays bad: set it aside and go on with its neighbours.
        case quarantine
        /// Nothing sensible can follow without an operator.
        case stop
    }

    /// Codes are values, not cases, so that each module names its own beside the code that raises them.
    public struct Code: Sendable, Hashable, RawRepresentable, ExpressibleByStringLiteral, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public init(stringLiteral value: String) { rawValue = value }
        public var description: String { rawValue }
    }
}

extension GranaryError: CustomStringConvertible {
    /// Three lines at most, as an operator reads them.
    public var description: String {
        var lines = ["error[\(code)]: \(message)"]
        if let cause { lines.append("  because: \(cause)") }
        lines.append("  do: \(remedy)")
        return lines.joined(separator: "\n")
    }
}

extension GranaryError.Code {
    public static let notFound: Self = "not.found"
    public static let invalid: Self = "input.invalid"
    public static let configurationInvalid: Self = "configuration.invalid"
    public static let filterInvalid: Self = "filter.invalid"
    public static let sourceChanged: Self = "source.changed"
    public static let sourceUnreadable: Self = "source.unreadable"
    public static let checksumMismatch: Self = "checksum.mismatch"
    public static let sizeMismatch: Self = "size.mismatch"
    public static let storeFailed: Self = "store.failed"
    public static let storeFull: Self = "store.full"
    public static let pathRefused: Self = "path.refused"
    public static let denied: Self = "access.denied"
    public static let catalogRefused: Self = "catalog.refused"
    public static let catalogFailed: Self = "catalog.failed"
    public static let stateConflict: Self = "state.conflict"
    public static let leaseLost: Self = "lease.lost"
    public static let limitReached: Self = "limit.reached"
    public static let locked: Self = "home.locked"
}

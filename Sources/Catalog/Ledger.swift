// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A table whose rows have a life, with the word that events use for it.
public enum Subject: String, Sendable, Hashable, CaseIterable {
    case arrival, granule, work, job, submission
}

/// Why a row changed, and by whose hand.
public struct Cause: Sendable, Hashable {
    /// A short stable phrase: `settled`, `checksum agrees`, `released by operator`.
    public var what: String
    /// The part of Granary, or the operator, that did it.
    public var actor: String
    public var detail: String?

    public init(_ what: String, by actor: String, detail: String? = nil) {
        self.what = what
        self.actor = actor
        self.detail = detail
    }
}

extension SQLSession {
    /// Moves one row from a state to the next and writes the event, or throws `state.conflict` and changes nothing.
    ///
    /// `set` names further columns to write in the same statement. The row must still be in `from`: whoever comes
    /// second learns it, instead of overwriting what the first one did.
    public func move<State: LifeState & SQLConvertible>(
        _ subject: Subject, _ id: Int64, from: State, to: State, at moment: Timestamp, because cause: Cause,
        set columns: [(String, (any SQLConvertible)?)] = []
    ) throws {
        let assignments = (["state = ?"] + columns.map { "\($0.0) = ?" }).joined(separator: ", ")
        let changed =
            from.canBecome(to)
            ? try execute(
                "UPDATE \(subject.rawValue) SET \(assignments) WHERE id = ? AND state = ?",
                [to] + columns.map(\.1) + [id, from])
            : 0
        guard changed == 1 else { throw conflict(subject, id, from, to) }
        try record(subject, id, from: from.rawValue, to: to.rawValue, at: moment, because: cause)
    }

    /// Writes the event of a row that has just been made.
    public func born<State: LifeState>(
        _ subject: Subject, _ id: Int64, as state: State, at moment: Timestamp, because cause: Cause
    ) throws {
        try record(subject, id, from: nil, to: state.rawValue, at: moment, because: cause)
    }

    /// Writes an event that changes no state but must be known: a contradiction, a finding.
    public func note(_ subject: Subject, _ id: Int64, state: String, at moment: Timestamp, because cause: Cause) throws
    {
        try record(subject, id, from: state, to: state, at: moment, because: cause)
    }

    private func record(
        _ subject: Subject, _ id: Int64, from: String?, to: String, at moment: Timestamp, because cause: Cause
    ) throws {
        try execute(
            """
            INSERT INTO event (at, subject, subject_id, from_state, to_state, cause, actor, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [moment, subject.rawValue, id, from, to, cause.what, cause.actor, cause.detail])
    }
}

private func conflict(_ subject: Subject, _ id: Int64, _ from: some LifeState, _ to: some LifeState) -> GranaryError {
    GranaryError(
        .stateConflict,
        "\(subject.rawValue.capitalizedWord) \(id) is not \(from.rawValue) any more, or may not become \(to.rawValue).",
        subject: "\(subject.rawValue) \(id)", remedy: "Look at it again: somebody else moved it first.")
}

extension String {
    fileprivate var capitalizedWord: String { prefix(1).uppercased() + dropFirst() }
}

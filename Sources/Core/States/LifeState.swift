// SPDX-License-Identifier: Apache-2.0

/// A closed set of states of one kind of row, with the moves that are allowed between them.
///
/// The ledger changes a state only through `UPDATE … WHERE id = ? AND state = ?`, and only along `next`.
public protocol LifeState: RawRepresentable<String>, CaseIterable, Sendable, Hashable {
    /// The states that may follow this one.
    var next: Set<Self> { get }
}

extension LifeState {
    /// True when nothing happens any more unless an operator or a new fact reopens it.
    public var isFinal: Bool { next.isEmpty }

    /// True when the ledger would let a row make this move.
    public func canBecome(_ other: Self) -> Bool { next.contains(other) }
}

// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import GranaryCore

/// What a node found when it took over the catalog.
public struct NodeStart: Sendable, Hashable {
    /// The row of this life of the node.
    public var id: Int64
    /// Pieces of work that the last owner held when it died.
    public var rescued: Int
    /// False when the last owner did not stop in good order: `granary check catalog` is worth its time then.
    public var wasClean: Bool
}

extension Catalog {
    /// Whether the last owner stopped in good order; true when there never was one.
    public func wasStoppedCleanly() async throws -> Bool {
        try await read { try $0.lastNodeStopped() }
    }

    /// Takes over the catalog for its one owner: frees what the dead held, and records that this node lives.
    ///
    /// When the machine's clock stands earlier than the last owner's did, what is due is brought forward by the
    /// difference, so that a clock that was set back puts nothing off.
    public func start(node name: String) async throws -> NodeStart {
        let (now, steady) = (clock.now(), steady.now())
        return try await write { session in
            let last = try session.first("SELECT seen_at FROM node ORDER BY id DESC LIMIT 1")
            if let seen = try last?.optionalTime("seen_at"), seen > now { try session.bringForward(by: seen - now) }
            let wasClean = try session.lastNodeStopped()
            let id = try session.insert(
                "INSERT INTO node (name, process_id, started_at, seen_at) VALUES (?, ?, ?, ?) RETURNING id",
                [name, getpid(), now, now])
            return NodeStart(
                id: id ?? 0, rescued: try session.rescueAll(at: steady),
                wasClean: wasClean)
        }
    }

    /// Records that the node stopped in good order.
    public func stop(node: Int64) async throws {
        let now = clock.now()
        try await write {
            _ = try $0.execute("UPDATE node SET seen_at = ?, stopped_at = ? WHERE id = ?", [now, now, node])
        }
    }
}

extension SQLSession {
    fileprivate func lastNodeStopped() throws -> Bool {
        let last = try first("SELECT stopped_at FROM node ORDER BY id DESC LIMIT 1")
        return try last.map { try $0.optionalTime("stopped_at") != nil } ?? true
    }

    fileprivate func bringForward(by step: Duration) throws {
        try execute(
            "UPDATE work SET due_at = due_at - ? WHERE state IN ('available', 'scheduled', 'retryable')",
            [step.microseconds])
        try execute("UPDATE arrival SET looked_at = looked_at - ? WHERE ended_at IS NULL", [step.microseconds])
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The row seam: one relational database, whichever it is.
///
/// Bodies are synchronous, run to their end, and see one consistent state. The SQL that passes here stays in the common
/// subset of SQLite and PostgreSQL; what differs is a named method of `SQLSession`.
public protocol Database: Sendable {
    /// Reads one snapshot.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> Value) async throws -> Value

    /// Changes something: all of the body or nothing, durable when this returns.
    ///
    /// Bodies of concurrent calls may share one commit, each in a savepoint of its own: a body that throws undoes only
    /// itself. The body runs exactly once.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> Value) async throws -> Value

    func close() async throws
}

/// What a body can do. Valid only inside the body it was given to.
public protocol SQLSession {
    /// Runs one statement; returns the number of rows it changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: [(any SQLConvertible)?]) throws -> Int

    /// Runs one query and hands over its rows one by one, without keeping them.
    func forEach(_ sql: String, _ arguments: [(any SQLConvertible)?], _ body: (SQLRow) throws -> Void) throws

    /// Claims work rows that are due, oldest of the highest priority first, so that no two claimers get the same row.
    ///
    /// Marks them `running` under the given owner and lease, and returns them with a new fencing token each.
    func claimWork(_ claim: WorkClaim) throws -> [WorkItem]
}

extension SQLSession {
    @discardableResult
    public func execute(_ sql: String) throws -> Int { try execute(sql, []) }

    public func query(_ sql: String, _ arguments: [(any SQLConvertible)?] = []) throws -> [SQLRow] {
        var rows: [SQLRow] = []
        try forEach(sql, arguments) { rows.append($0) }
        return rows
    }

    /// The first row, or nil.
    public func first(_ sql: String, _ arguments: [(any SQLConvertible)?] = []) throws -> SQLRow? {
        try query(sql, arguments).first
    }

    /// Runs an `INSERT … RETURNING id` and returns the id; nil when `ON CONFLICT DO NOTHING` kept an older row.
    public func insert(_ sql: String, _ arguments: [(any SQLConvertible)?]) throws -> Int64? {
        try first(sql, arguments)?.int64("id")
    }

    /// The single integer that a query such as `SELECT COUNT(*) AS n` gives under the name `n`.
    public func count(_ sql: String, _ arguments: [(any SQLConvertible)?] = []) throws -> Int {
        try first(sql, arguments)?.int("n") ?? 0
    }
}

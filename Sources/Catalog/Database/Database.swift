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
    /// Bodies of concurrent calls may share one commit; a body that throws undoes only itself. The body runs exactly once.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> Value) async throws -> Value

    /// Housekeeping that the database wants from time to time, such as folding a log that has grown large.
    func tidy() async throws

    /// Lets go of the database. Whoever uses it afterwards is told so by an error.
    func close() async throws
}

/// What a body can do. Valid only inside the body it was given to.
public protocol SQLSession {
    /// Runs one statement; returns the number of rows it changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: [(any SQLConvertible)?]) throws -> Int

    /// Runs one query and hands over its rows one by one, without keeping them.
    func forEach(_ sql: String, _ arguments: [(any SQLConvertible)?], _ body: (SQLRow) throws -> Void) throws

    /// The work that is due, highest priority first and then oldest, held so that nobody else can claim it before this
    /// body ends. `claimWork` is what workers call.
    func lockDueWork(_ claim: WorkClaim) throws -> [WorkItem]

    /// What the database itself finds wrong with its pages, indexes and references, one sentence each; empty when
    /// sound.
    func damage() throws -> [String]
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

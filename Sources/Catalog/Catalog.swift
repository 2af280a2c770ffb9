// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// The ledger: the record of truth of one site, with the clocks that its rows are written by.
///
/// ```swift
/// let catalog = try Catalog.open(at: "home/catalog.sqlite")
/// let stuck = try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM work WHERE state = 'discarded'") }
/// ```
public struct Catalog: Sendable {
    public let database: any Database
    public let clock: any WallClock
    /// The scale of due times and leases.
    public let steady: SteadyTime

    public init(_ database: any Database, clock: any WallClock = SystemClock()) {
        self.database = database
        self.clock = clock
        steady = SteadyTime(clock)
    }

    /// Opens the SQLite catalog of a site for its one owner, creating or migrating it as needed.
    public static func open(at path: String, clock: any WallClock = SystemClock()) throws -> Catalog {
        Catalog(try SQLiteDatabase(path: path), clock: clock)
    }

    /// Opens it for commands that only read; allowed at any time, beside a running service too.
    public static func openForReading(at path: String, clock: any WallClock = SystemClock()) throws -> Catalog {
        Catalog(try SQLiteReader(path: path), clock: clock)
    }

    public func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> Value) async throws
        -> Value
    {
        try await database.read(body)
    }

    public func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> Value) async throws
        -> Value
    {
        try await database.write(body)
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore

/// A real SQLite catalog in a directory of its own, for one test.
///
/// ```swift
/// let temporary = try TemporaryCatalog(clock: clock)
/// try await temporary.catalog.write { … }
/// ```
/// The directory goes with the last reference; `close()` first where a test ends the process's hold on the file.
public final class TemporaryCatalog: Sendable {
    public let directory: TemporaryDirectory
    public let catalog: Catalog

    public init(clock: any WallClock = SystemClock()) throws {
        directory = try TemporaryDirectory()
        catalog = try Catalog.open(at: directory.file("catalog.sqlite"), clock: clock)
    }

    public var path: String { directory.file("catalog.sqlite") }

    /// The same file opened by a new owner, as after the death of the first: the old catalog must not be used any more.
    public func reopened(clock: (any WallClock)? = nil) async throws -> Catalog {
        try await catalog.database.close()
        return try Catalog.open(at: path, clock: clock ?? catalog.clock)
    }

    /// Opens it a second time, for reading only.
    public func reader() throws -> Catalog { try Catalog.openForReading(at: path, clock: catalog.clock) }

    /// Lets go of the file and removes it.
    public func close() async throws {
        try await catalog.database.close()
        directory.remove()
    }
}

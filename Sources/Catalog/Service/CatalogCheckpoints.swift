// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// How far streams have been read, in the ledger: the row of `checkpoint` with the stream's and shard's name.
public struct CatalogCheckpoints: Checkpoints {
    private let catalog: Catalog

    public init(_ catalog: Catalog) { self.catalog = catalog }

    public func checkpoint(_ name: String) async throws -> String? {
        try await catalog.read { session in
            try session.first("SELECT position FROM checkpoint WHERE name = ?", [name])?.text("position")
        }
    }

    public func save(_ checkpoints: [String: String]) async throws {
        let now = catalog.clock.now()
        try await catalog.write { session in
            for (name, position) in checkpoints.sorted(by: { $0.key < $1.key }) {
                try session.execute(
                    """
                    INSERT INTO checkpoint (name, position, saved_at) VALUES (?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET position = excluded.position, saved_at = excluded.saved_at
                    """,
                    [name, position, now])
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore
internal import Logging
public import ServiceLifecycle

/// Keeps the ledger in order while the service runs: frees work whose holder went silent, shows that this node is
/// alive, and keeps the database's log small.
public struct CatalogMaintenance: Service {
    private let catalog: Catalog
    private let node: Int64
    private let interval: Duration

    /// - Parameters:
    ///   - node: the row that `Catalog.start(node:)` made.
    ///   - interval: between two looks.
    public init(_ catalog: Catalog, node: Int64, interval: Duration = .seconds(10)) {
        self.catalog = catalog
        self.node = node
        self.interval = interval
    }

    /// Ends by recording that the node stopped in good order. Throws when the catalog fails: nothing can go on without
    /// it.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    try await maintainOnce()
                    try await Task.sleep(for: interval)
                }
            }
        } catch is CancellationError {
            try await catalog.stop(node: node)
        }
    }

    /// One look. Returns how much work was freed.
    @discardableResult
    public func maintainOnce() async throws -> Int {
        let (now, steady, node) = (catalog.clock.now(), catalog.steady.now(), node)
        let freed = try await catalog.write { session in
            try session.execute("UPDATE node SET seen_at = ? WHERE id = ?", [now, node])
            return try session.rescueExpired(at: steady)
        }
        if freed > 0 { Logger(label: "granary.catalog").warning("Freed \(freed) pieces of work whose lease ran out.") }
        try await catalog.database.tidy()
        return freed
    }
}

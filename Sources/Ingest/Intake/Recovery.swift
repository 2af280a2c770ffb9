// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
internal import GranaryCore

/// What a service does once at start, before any watcher looks.
public enum IntakeRecovery {
    /// Ends the open arrivals that jobs and messages of the last process left: their next attempt brings them again.
    /// Arrivals of staging areas are put back by their watchers.
    public static func run(_ catalog: Catalog) async throws {
        let now = catalog.clock.now()
        try await catalog.write { session in
            let open = try session.query(
                "SELECT * FROM arrival WHERE ended_at IS NULL AND (source LIKE 'job/%' OR source LIKE 'cnm/%')"
            ).map(ArrivalRecord.init(row:))
            for arrival in open {
                try session.end(arrival.id, from: arrival.state, as: .vanished, .attemptEnded, at: now, by: "recovery")
            }
        }
    }
}

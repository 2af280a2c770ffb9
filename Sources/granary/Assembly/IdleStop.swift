// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryIngest
import ServiceLifecycle

/// Returns, and so stops the group, once nothing is left to do: for demonstrations, tests and batch use.
struct IdleStop: Service {
    let site: Site
    var pause: Duration = .milliseconds(200)

    /// Two quiet looks at least one full listing apart: what arrives between two looks is not missed.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var quiet = 0
            while quiet < 2, !Task.isCancelled {
                quiet = (try? await isIdle()) == true ? quiet + 1 : 0
                try? await Task.sleep(for: pause)
            }
        }
    }

    /// Nothing settles, nothing is due, nothing waits for an answer. Arrivals that wait for their neighbours do not count:
    /// they may wait for ever.
    func isIdle() async throws -> Bool {
        guard try await watchersHaveLooked() else { return false }
        return try await site.catalog.read { session in
            try session.count(
                """
                SELECT (SELECT COUNT(*) FROM arrival WHERE ended_at IS NULL AND state <> 'waiting')
                    + (SELECT COUNT(*) FROM work WHERE state IN ('available', 'scheduled', 'retryable', 'running'))
                    + (SELECT COUNT(*) FROM submission WHERE state IN ('pending', 'sent')) AS n
                """) == 0
        }
    }

    /// A look of our own, after which everything that lies in a staging area is in the ledger.
    private func watchersHaveLooked() async throws -> Bool {
        for watcher in site.watchers where try await watcher.scanOnce().new > 0 { return false }
        return true
    }
}

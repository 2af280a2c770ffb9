// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import Logging
import ServiceLifecycle

/// Runs two sites side by side in one process until neither has anything left to do.
struct DemoRun {
    let sds: Site
    let daac: Site

    func untilDone() async throws {
        let groups = try [sds, daac].map { site in
            ServiceGroup(services: try site.services(), logger: Logger(label: "granary.demo"))
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for group in groups { tasks.addTask { try await group.run() } }
            tasks.addTask {
                try await waitUntilQuiet()
                for group in groups { await group.triggerGracefulShutdown() }
            }
            try await tasks.waitForAll()
        }
    }

    /// Three quiet looks in a row: a message may lie in a box between two of them.
    private func waitUntilQuiet() async throws {
        var quiet = 0
        while quiet < 3 {
            let (sdsIsDone, daacIsDone) = try await (isDone(sds), isDone(daac))
            quiet = sdsIsDone && daacIsDone ? quiet + 1 : 0
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    /// Idle, and nothing waits for a deadline any more.
    private func isDone(_ site: Site) async throws -> Bool {
        let pending = try await site.catalog.read { session in
            try session.count(
                """
                SELECT COUNT(*) AS n FROM arrival a JOIN granule g ON g.id = a.granule_id
                WHERE a.ended_at IS NULL AND g.state = 'waiting'
                """)
        }
        guard pending == 0 else { return false }
        return try await IdleStop(site: site).isIdle()
    }
}

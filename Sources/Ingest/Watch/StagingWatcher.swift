// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
public import GranaryCore
internal import Logging
public import ServiceLifecycle

/// Looks at one staging area: notices what is there by comparing the listing with the ledger, and takes in what is ready.
///
/// Never a time cursor: what the listing shows and the ledger does not know is new, however old it says it is.
public struct StagingWatcher: Service {
    var configuration: WatcherConfiguration
    let source: any Store
    let ingester: Ingester
    let wakeUps: any WakeUps
    let turns = Turns()
    /// Which entries of the listing are looked at; all of them, unless an operator hands over some.
    var selects: @Sendable (BytePath) -> Bool = { _ in true }
    /// Is told of every entry that is looked at.
    var sees: @Sendable ([StoreEntry]) -> Void = { _ in }

    var catalog: Catalog { ingester.catalog }
    var actor: String { "watcher \(configuration.name)" }

    public init(
        _ configuration: WatcherConfiguration, source: any Store, ingester: Ingester, wakeUps: any WakeUps = NoWakeUps()
    ) {
        self.configuration = configuration
        self.source = source
        self.ingester = ingester
        self.wakeUps = wakeUps
    }

    /// The source's name in the ledger.
    public var name: String { configuration.name }

    /// Scans until shutdown. A failed scan is reported and tried again: an unreadable source never means "empty".
    public func run() async throws {
        try await recover()
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let isBusy = await scanAndReport()
                await wakeUps.wait(atMost: isBusy ? shortestPause : configuration.interval)
            }
        }
    }

    /// The pause while something settles or waits for its neighbours: one settling window, at most the interval.
    private var shortestPause: Duration {
        min(configuration.interval, max(configuration.settle.window, .milliseconds(200)))
    }

    private func scanAndReport() async -> Bool {
        do {
            return try await scanOnce().unsettled > 0
        } catch is CancellationError {
            return false
        } catch {
            Logger.current.error("\(actor) could not look at \(source.location)", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// One look, whole: list, read manifests, take in what is ready, notice what is gone.
    ///
    /// A listing that fails ends the look: nothing counts as gone because a source could not be read.
    public func scanOnce() async throws -> ScanSummary {
        try await turns.take {
            try await putBackInterrupted()
            let listing = try await listOnce()
            try await sortOutNameless(listing.present)
            let taken = try await takeReady()
            try await noticeVanished(except: listing.present)
            return ScanSummary(
                listed: listing.entries, new: listing.new, taken: taken, unsettled: try await unsettled())
        }
    }

    /// Puts back what a process that died was reading, and counts looks anew: their scale ended with it.
    public func recover() async throws {
        try await putBackInterrupted()
        let (name, steady) = (configuration.name, catalog.steady.now())
        try await catalog.write { session in
            _ = try session.execute(
                "UPDATE arrival SET looks = 1, looked_at = ? WHERE source = ? AND ended_at IS NULL AND settled_at IS NULL",
                [steady, name])
        }
    }

    /// Only one look is taken at a time, so what is being read as one begins has lost its reader.
    private func putBackInterrupted() async throws {
        let (name, actor) = (configuration.name, actor)
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        let interrupted = try await catalog.read { session in
            try session.query("SELECT * FROM arrival WHERE source = ? AND state = 'verifying'", [name])
                .map(ArrivalRecord.init(row:))
        }
        guard !interrupted.isEmpty else { return }
        try await catalog.write { session in
            for arrival in interrupted {
                try session.reopen(arrival, at: now, steady: steady, because: Cause("its reader is gone", by: actor))
            }
        }
    }

    private func unsettled() async throws -> Int {
        let name = configuration.name
        return try await catalog.read { session in
            try session.count(
                "SELECT COUNT(*) AS n FROM arrival WHERE source = ? AND ended_at IS NULL AND settled_at IS NULL", [name]
            )
        }
    }
}

/// What one look did.
public struct ScanSummary: Sendable, Hashable {
    /// Entries in the listing.
    public var listed = 0
    /// Of them, never seen before.
    public var new = 0
    /// Granules for which something was decided.
    public var taken = 0
    /// Arrivals that are not yet known to be finished.
    public var unsettled = 0
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore
internal import Logging

extension StagingWatcher {
    /// Takes in every granule that is ready, in batches, until a walk over all open arrivals is done.
    ///
    /// Batches overlap: while one is recorded the next one is read. Returns for how many granules a verdict was given.
    func takeReady() async throws -> Int {
        var walk = GranuleWalk(self)
        return try await withThrowingTaskGroup(of: BatchOutcome.self) { group in
            var total = BatchOutcome()
            var running = 0
            while !total.storeFailed, let groups = try await walk.next() {
                let offers = try await offers(of: groups)
                if offers.isEmpty { continue }
                if running == batchesAtOnce { total += try await group.next() ?? BatchOutcome() } else { running += 1 }
                group.addTask { try await take(offers) }
            }
            for try await outcome in group { total += outcome }
            return total.decided
        }
    }

    /// A granule that nothing can record, as when a reaction to it throws, must not hold up the others of its batch.
    private func take(_ offers: [GranuleOffer]) async throws -> BatchOutcome {
        do {
            return try await takeTogether(offers)
        } catch  where !(error is CancellationError) {
            guard let only = offers.first, offers.count == 1 else { return try await takeOneByOne(offers) }
            Logger.current.error(
                "\(actor) could not take in a granule",
                metadata: ["granule": "\(only.collection)/\(only.granule)", "error": "\(error)"])
            return BatchOutcome()
        }
    }

    private func takeOneByOne(_ offers: [GranuleOffer]) async throws -> BatchOutcome {
        var total = BatchOutcome()
        for offer in offers { total += try await take([offer]) }
        return total
    }

    private func takeTogether(_ offers: [GranuleOffer]) async throws -> BatchOutcome {
        let verdicts = try await ingester.take(offers, mode: .eachByItself) { _, _ in }
        if configuration.afterwards == .delete { try await removeSources(of: offers) }
        crashPoint(.ingestSourceDone)
        return BatchOutcome(verdicts)
    }

    /// Only what the ledger says is durable in the archive; a verdict may also mean that other bytes were left alone.
    private func removeSources(of offers: [GranuleOffer]) async throws {
        let ids = offers.flatMap { $0.files.compactMap(\.arrivalID) }
        let arrivals = try await catalog.read { session in try ids.compactMap { try session.arrival($0) } }
        for arrival in arrivals where arrival.state == .archived || arrival.state == .duplicate {
            await removeFromSource(arrival.path, generation: arrival.generation)
        }
    }

    /// Only if it still is the very generation that was read. A source that refuses keeps its file, and is asked again.
    func removeFromSource(_ path: BytePath, generation: String) async {
        do {
            _ = try await source.remove(path, generation: generation)
        } catch {
            Logger.current.warning(
                "\(actor) could not remove an archived file from its source",
                metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }
}

/// While one is flushed and one is recorded a third one is read; more would only hold more memory.
private let batchesAtOnce = 3

/// What batches came to.
private struct BatchOutcome: Sendable {
    /// Granules for which something was decided.
    var decided = 0
    /// The archive is in trouble: to read on would only wear out the source and the ledger.
    var storeFailed = false

    init() {}

    init(_ verdicts: [GranuleVerdict]) {
        for case .postponed(let error) in verdicts where error.isOfArchive { storeFailed = true }
        decided = verdicts.count { if case .postponed = $0 { false } else { true } }
    }

    static func += (total: inout Self, more: Self) {
        total.decided += more.decided
        total.storeFailed = total.storeFailed || more.storeFailed
    }
}

extension GranaryError {
    fileprivate var isOfArchive: Bool { code == .storeFull || code == .storeFailed || disposition == .stop }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore
internal import Logging

extension SQLSession {
    /// Claims work together with the rows that it is about. Work whose row is not there is discarded, so that it keeps
    /// nobody else from being served.
    func claim<Row>(_ claim: WorkClaim, row: (Int64) throws -> Row?) throws -> [(WorkItem, Row)] {
        try claimWork(claim).compactMap { work in
            if let row = try row(work.subjectID) { return (work, row) }
            try finish(work, .discarded(error: "The row that it is about is not there."), at: claim.now)
            return nil
        }
    }
}

/// Runs work whose claim may have run out under it: then a newer claim finishes it, and nothing is wrong here.
func toleratingLostLease(_ logger: Logger, _ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as GranaryError where error.code == .leaseLost {
        logger.info("a claim ran out while it was worked on", metadata: ["claim": "\(error.subject ?? "")"])
    }
}

extension SQLSession {
    /// Records each of many outcomes that share a transaction. One whose claim has run out is left to the newer claim and
    /// counted; it does not touch the others.
    func recordEach<Item>(_ items: [Item], _ record: (Item) throws -> Void) throws -> Int {
        var lost = 0
        for item in items {
            do {
                // The claim is looked at before anything is written, so nothing of it is half recorded.
                try record(item)
            } catch let error as GranaryError where error.code == .leaseLost {
                lost += 1
            }
        }
        return lost
    }
}

extension WorkItem {
    /// How a send that failed ends: tried again when the policy and the broker's own wish allow it, else given up.
    func ending(after error: GranaryError, policy: RetryPolicy, randomness: any Randomness, at steady: Timestamp)
        -> WorkEnding
    {
        guard error.disposition != .quarantine,
            let delay = policy.delay(afterAttempt: attempt, randomness: randomness)
        else { return .discarded(error: error.message) }
        var wait = delay
        if case .retry(let least?) = error.disposition { wait = max(wait, least) }
        return .retryable(at: steady + wait, error: error.message)
    }
}

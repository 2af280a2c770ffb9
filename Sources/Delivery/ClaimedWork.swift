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

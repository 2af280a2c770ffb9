// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore
internal import Logging

/// Runs work whose claim may have run out under it: then a newer claim finishes it, and nothing is wrong here.
func toleratingLostLease(_ logger: Logger, _ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as GranaryError where error.code == .leaseLost {
        logger.info("a claim ran out while it was worked on", metadata: ["claim": "\(error.subject ?? "")"])
    }
}

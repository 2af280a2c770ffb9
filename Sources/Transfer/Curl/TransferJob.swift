// SPDX-License-Identifier: Apache-2.0

package import GranaryCore

/// Decides where a body goes, once status and headers are known: into a sink, or into the answer (nil).
package typealias BodyChoice = @Sendable (TransferAnswer) throws -> (any ByteSink)?

/// One request under way, with the one who waits for its end.
struct TransferJob: Sendable {
    enum Reception: Sendable {
        /// The whole body in memory; `limit.reached` beyond so many bytes.
        case memory(limit: Int)
        case choice(BodyChoice)
    }

    /// The end of a request: an answer, or a redirect that is to be followed.
    struct Outcome: Sendable {
        var answer: TransferAnswer
        var next: TransferRequest?
    }

    let id: UInt64
    let request: TransferRequest
    let url: TransferURL
    let reception: Reception
    let waiter: CheckedContinuation<Outcome, any Error>
    /// Times that it was begun anew because its connection was taken away before it had an answer.
    var repeats = 0
}

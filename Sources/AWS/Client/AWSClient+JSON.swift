// SPDX-License-Identifier: Apache-2.0

package import GranaryCore
import GranaryTransfer

/// A service that speaks AWS's JSON protocol: how its actions are called, and in which version.
package struct JSONProtocol: Sendable {
    /// `AmazonSQS`, `Kinesis_20131202`
    package var target: String
    /// `1.0` or `1.1`
    package var version: String

    package static let sqs = JSONProtocol(target: "AmazonSQS", version: "1.0")
    package static let kinesis = JSONProtocol(target: "Kinesis_20131202", version: "1.1")
}

extension AWSClient {
    /// One action of such a service. The answer is `null` where the service has nothing to say.
    ///
    /// - Parameter limit: bytes of the answer.
    package func call(
        _ action: String, of service: JSONProtocol, _ input: JSONValue, doing: Doing, isRepeatable: Bool = true,
        limit: Int = 1 << 20
    ) async throws -> JSONValue {
        var request = AWSRequest("POST")
        request.headers = [
            TransferHeader("Content-Type", "application/x-amz-json-\(service.version)"),
            TransferHeader("X-Amz-Target", "\(service.target).\(action)"),
        ]
        request.body = .bytes(input.bytes())
        request.isRepeatable = isRepeatable
        return try Self.json(try await exchange(request, limit: limit, doing: doing), doing)
    }

    /// An answer that cannot be read is the service's fault, and may be another one's next time.
    static func json(_ answer: TransferAnswer, _ doing: Doing) throws -> JSONValue {
        if answer.body.isEmpty { return .null }
        do {
            return try JSONValue(parsing: answer.body)
        } catch {
            throw GranaryError(
                .serverFailed, "Can't \(doing.verb) '\(doing.subject)': the service's answer is not JSON.",
                subject: doing.subject, remedy: "Check that the endpoint is the service's, and no proxy's.",
                disposition: .retry(after: nil), cause: error)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

package import GranaryTransfer

/// One request to a service, before it is signed.
package struct AWSRequest: Sendable {
    package var method: String
    /// The bucket that it is about, for S3; the endpoint decides whether it stands in the host or in the path.
    package var bucket: String?
    /// Below endpoint and bucket, with a `/` in front, encoded by `percentEncoded(_:keeping: .path)`.
    package var path: String
    package var query: [QueryItem] = []
    /// All of them are signed.
    package var headers: [TransferHeader] = []
    package var body = TransferRequest.Body.none
    /// Nil: the SHA-256 of the bytes of the body, taken when it is sent. A source as body needs it said.
    package var payload: SigV4.Payload?
    /// Whether a second sending after a lost reply does no harm.
    package var isRepeatable = true
    /// Statuses besides 2xx that are answers and not faults: 404 of a HEAD, 412 of a conditional write.
    package var accepted: Set<Int> = []
    /// Whether the service may report an error inside a 200, as S3 does where an answer takes long.
    package var mayFailInside200 = false
    /// Whether the request itself holds a secret, which the service might quote in what it says of a fault.
    package var holdsSecret = false

    package init(_ method: String, bucket: String? = nil, path: String = "/") {
        self.method = method
        self.bucket = bucket
        self.path = path
    }
}

// SPDX-License-Identifier: Apache-2.0

package import GranaryCore
package import GranaryTransfer

/// AWS's Signature Version 4. Pure: no clock and no network, a moment is given.
///
/// A request is written down in one canonical form, its hash is signed with a key derived from the secret for one day, one
/// region and one service. The secret itself never leaves.
public struct SigV4: Sendable {
    package let credentials: AWSCredentials
    package let region: String
    package let service: String
    package var paths: PathRule
    /// Whether `X-Amz-Content-Sha256` is sent and signed, as S3 demands.
    package var statesPayload: Bool
    /// False where a service wants the session token beside the signature and not under it.
    package var signsToken = true
    private let keys = DailyKey()

    /// How the path of the request stands in the canonical form.
    package enum PathRule: Sendable {
        /// As it is sent: S3, whose keys may hold `//` and `..`.
        case asSent
        /// Encoded once more.
        case encodedAgain
        /// Its `.`, `..` and `//` resolved, then encoded once more: every service but S3.
        case normalized
    }

    /// What is said of the body.
    package enum Payload: Sendable, Hashable {
        /// The SHA-256 of the body, in hexadecimal.
        case signed(sha256: String)
        /// The body is not under the signature. For TLS, and for bodies that have a checksum of their own.
        case unsigned

        /// No body.
        package static let empty = Payload.signed(sha256: Checksum(.sha256, of: []).hex)

        /// As it stands in the canonical request and in `X-Amz-Content-Sha256`.
        package var text: String {
            switch self {
            case .signed(let digits): digits
            case .unsigned: "UNSIGNED-PAYLOAD"
            }
        }
    }

    package init(
        credentials: AWSCredentials, region: String, service: String, paths: PathRule? = nil, statesPayload: Bool? = nil
    ) {
        self.credentials = credentials
        self.region = region
        self.service = service
        self.paths = paths ?? (service == "s3" ? .asSent : .normalized)
        self.statesPayload = statesPayload ?? (service == "s3")
    }

    /// The headers to send with a request besides its own: the date, the signature, and the token and payload's hash
    /// where they belong.
    package func headers(for request: SigningRequest, at moment: Timestamp) -> [TransferHeader] {
        let moment = SigningMoment(moment)
        var added = [TransferHeader("X-Amz-Date", moment.time)]
        if statesPayload { added.append(.init("X-Amz-Content-Sha256", request.payload.text)) }
        let token = credentials.sessionToken.map { TransferHeader("X-Amz-Security-Token", $0.reveal()) }
        var signed = request
        signed.headers += added + (signsToken ? token.map { [$0] } ?? [] : [])
        let canonical = CanonicalRequest(signed, paths: paths)
        if let token { added.append(token) }
        added.append(.init("Authorization", authorization(canonical, at: moment)))
        return added
    }

    /// The query of a link that holds its own signature, for whoever has the link, until it expires.
    ///
    /// Only the headers in `request` are under the signature; who follows the link must send them.
    package func presignedQuery(for request: SigningRequest, at moment: Timestamp, expires: Duration) -> String {
        let moment = SigningMoment(moment)
        var signed = request
        signed.query += [
            QueryItem("X-Amz-Algorithm", Self.algorithm),
            QueryItem("X-Amz-Credential", "\(credentials.accessKey)/\(scope(at: moment))"),
            QueryItem("X-Amz-Date", moment.time),
            QueryItem("X-Amz-Expires", String(expires.components.seconds)),
            QueryItem("X-Amz-SignedHeaders", CanonicalRequest(request, paths: paths).signedHeaders),
        ]
        let token = credentials.sessionToken.map { QueryItem("X-Amz-Security-Token", $0.reveal()) }
        if signsToken, let token { signed.query.append(token) }
        let signature = signature(of: CanonicalRequest(signed, paths: paths), at: moment)
        if !signsToken, let token { signed.query.append(token) }
        return signed.query.canonical + "&X-Amz-Signature=\(signature)"
    }

    package static let algorithm = "AWS4-HMAC-SHA256"

    /// The text under the signature: algorithm, time, scope, and the hash of the canonical request.
    package func stringToSign(_ canonical: CanonicalRequest, at moment: SigningMoment) -> String {
        [Self.algorithm, moment.time, scope(at: moment), canonical.digest].joined(separator: "\n")
    }

    /// In lower-case hexadecimal.
    private func signature(of canonical: CanonicalRequest, at moment: SigningMoment) -> String {
        keys.key(of: moment.day) { SigningKey(credentials.secretKey, day: $0, region: region, service: service) }
            .sign(stringToSign(canonical, at: moment))
    }

    private func authorization(_ canonical: CanonicalRequest, at moment: SigningMoment) -> String {
        "\(Self.algorithm) Credential=\(credentials.accessKey)/\(scope(at: moment)), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature(of: canonical, at: moment))"
    }

    private func scope(at moment: SigningMoment) -> String { "\(moment.day)/\(region)/\(service)/aws4_request" }
}

/// A moment as signatures write it.
package struct SigningMoment: Sendable, Hashable {
    /// `20150830T123600Z`
    package let time: String
    /// `20150830`
    package let day: String

    package init(_ moment: Timestamp) {
        time = "\(moment.description.filter { $0 != "-" && $0 != ":" }.prefix(15))Z"
        day = String(time.prefix(8))
    }
}

// SPDX-License-Identifier: Apache-2.0

import Crypto
import GranaryCore

/// Verifies AWS Signature Version 4. Written from AWS's description alone: it shares nothing with Granary's signer, whose
/// oracle it is.
struct Signature {
    private let request: Request
    private var scope: Scope
    private var signedHeaders: [String]
    private var given: String
    private var date: String
    private var payload: String
    private var lifetime: Int64?

    /// `20260101/us-east-1/s3/aws4_request` and the key before it.
    struct Scope {
        var accessKey: String
        var day: String
        var region: String
        var service: String

        init?(_ text: some StringProtocol) {
            let parts = String(text).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count >= 5, parts.last == "aws4_request" else { return nil }
            (day, region, service) = (parts[parts.count - 4], parts[parts.count - 3], parts[parts.count - 2])
            accessKey = parts[..<(parts.count - 4)].joined(separator: "/")
        }

        var text: String { "\(day)/\(region)/\(service)/aws4_request" }
    }

    var service: String { scope.service }

    /// Nil when the request carries no signature at all.
    init?(of request: Request) throws(Refusal) {
        if let text = request.header("authorization") {
            self = try Self(request, header: text)
        } else if request.parameters["X-Amz-Signature"] != nil {
            self = try Self(request, presigned: request.parameters)
        } else {
            return nil
        }
    }

    private init(_ request: Request, header text: String) throws(Refusal) {
        let bad = Refusal(400, "AuthorizationHeaderMalformed", "The authorization header is malformed")
        guard text.hasPrefix("AWS4-HMAC-SHA256 ") else { throw bad }
        var fields: [String: String] = [:]
        for part in text.dropFirst("AWS4-HMAC-SHA256 ".count).split(separator: ",") {
            let pair = part.trimmed.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { fields[String(pair[0])] = String(pair[1]) }
        }
        guard let credential = fields["Credential"], let scope = Scope(credential), let names = fields["SignedHeaders"],
            let given = fields["Signature"], let date = request.header("x-amz-date")
        else { throw bad }
        (self.request, self.scope, self.given, self.date) = (request, scope, given, date)
        signedHeaders = names.split(separator: ";").map(String.init)
        if scope.service == "s3", request.header("x-amz-content-sha256") == nil {
            throw Refusal(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
        }
        payload = request.header("x-amz-content-sha256") ?? Checksum(.sha256, of: request.body).hex
    }

    private init(_ request: Request, presigned parameters: [String: String]) throws(Refusal) {
        guard parameters["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256", let credential = parameters["X-Amz-Credential"],
            let scope = Scope(credential), let names = parameters["X-Amz-SignedHeaders"],
            let given = parameters["X-Amz-Signature"], let date = parameters["X-Amz-Date"],
            let seconds = parameters["X-Amz-Expires"].flatMap(Int64.init), (1...604_800).contains(seconds)
        else {
            throw Refusal(400, "AuthorizationQueryParametersError", "Error parsing the X-Amz-… parameters")
        }
        (self.request, self.scope, self.given, self.date) = (request, scope, given, date)
        signedHeaders = names.split(separator: ";").map(String.init)
        payload = request.header("x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD"
        lifetime = seconds
    }
}

extension Signature {
    /// Throws what is wrong with the signature, its time, or its payload hash.
    func verify(_ keys: AccessKeys, region: String?, now: Timestamp) throws(Refusal) {
        guard scope.accessKey == keys.accessKey else {
            throw Refusal(
                403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
        }
        try verifyTime(now)
        if let region, scope.region != region {
            throw Refusal(
                400, "AuthorizationHeaderMalformed", "the region '\(scope.region)' is wrong; expecting '\(region)'")
        }
        try verifyCoverage()
        try verifyToken(keys)
        let wanted = hexadecimal(hmac(signingKey(keys.secretKey), stringToSign))
        guard wanted == given else { throw mismatch }
        try verifyPayload()
    }

    private func verifyTime(_ now: Timestamp) throws(Refusal) {
        guard let signed = Moments.basic(date), date.hasPrefix(scope.day) else {
            throw Refusal(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
        }
        if let lifetime {
            guard now <= signed + .seconds(lifetime) else { throw Refusal(403, "AccessDenied", "Request has expired") }
            guard now >= signed - .seconds(900) else { throw Refusal(403, "AccessDenied", "Request is not yet valid") }
        } else if abs((now - signed).seconds) > 900 {
            throw Refusal(
                403, "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                details: [
                    Header(name: "RequestTime", value: date), Header(name: "ServerTime", value: Moments.iso(now)),
                    Header(name: "MaxAllowedSkewMilliseconds", value: "900000"),
                ])
        }
    }

    /// The host and every `x-amz-` header must be covered.
    private func verifyCoverage() throws(Refusal) {
        let open = request.headers.map(\.name).filter { $0 == "host" || $0.hasPrefix("x-amz-") }
            .filter { !signedHeaders.contains($0) && !(lifetime != nil && $0 == "x-amz-content-sha256") }
        guard open.isEmpty else {
            throw Refusal(
                403, "AccessDenied", "There were headers present in the request which were not signed",
                details: [Header(name: "HeadersNotSigned", value: open.joined(separator: ", "))])
        }
    }

    private func verifyToken(_ keys: AccessKeys) throws(Refusal) {
        let token = request.header("x-amz-security-token") ?? request.parameters["X-Amz-Security-Token"]
        guard token == keys.sessionToken else {
            throw Refusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
        }
    }

    private func verifyPayload() throws(Refusal) {
        if payload == "UNSIGNED-PAYLOAD" { return }
        guard !payload.hasPrefix("STREAMING-") else {
            throw Refusal(501, "NotImplemented", "aws-chunked bodies are not read here")
        }
        guard payload == Checksum(.sha256, of: request.body).hex else {
            throw Refusal(
                400, "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.")
        }
    }

    private var mismatch: Refusal {
        Refusal(
            403, "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
            details: [
                Header(name: "AWSAccessKeyId", value: scope.accessKey),
                Header(name: "StringToSign", value: stringToSign),
                Header(name: "SignatureProvided", value: given),
                Header(name: "CanonicalRequest", value: canonicalRequest),
            ])
    }
}

extension Signature {
    private var stringToSign: String {
        "AWS4-HMAC-SHA256\n\(date)\n\(scope.text)\n\(Checksum(.sha256, of: Array(canonicalRequest.utf8)).hex)"
    }

    private var canonicalRequest: String {
        let headers = signedHeaders.map { name in
            let values = request.headers.filter { $0.name == name }.map { Self.collapsed($0.value) }
            return "\(name):\(values.joined(separator: ","))\n"
        }
        return "\(request.method)\n\(canonicalPath)\n\(canonicalQuery)\n\(headers.joined())\n"
            + "\(signedHeaders.joined(separator: ";"))\n\(payload)"
    }

    /// S3 encodes once and normalises nothing; all others encode what was sent once more.
    private var canonicalPath: String {
        if scope.service == "s3" { return PercentCode.encode(request.decodedPath, keeping: [UInt8(ascii: "/")]) }
        return PercentCode.encode(request.path.utf8, keeping: [UInt8(ascii: "/")])
    }

    private var canonicalQuery: String {
        let pairs = request.query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.recoded(parts[0]), parts.count > 1 ? Self.recoded(parts[1]) : "")
        }
        return pairs.filter { $0.0 != "X-Amz-Signature" }.sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }

    private static func recoded(_ text: Substring) -> String {
        PercentCode.encode(PercentCode.decode(text.utf8) ?? Array(text.utf8))
    }

    private static func collapsed(_ value: String) -> String { value.split(separator: " ").joined(separator: " ") }

    private func signingKey(_ secret: String) -> [UInt8] {
        [scope.day, scope.region, scope.service, "aws4_request"].reduce(Array("AWS4\(secret)".utf8)) { hmac($0, $1) }
    }

    private func hmac(_ key: [UInt8], _ text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }
}

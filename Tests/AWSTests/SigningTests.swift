// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryTransfer
import Testing

@Suite("Signatures") struct SigningTests {
    @Test(
        "every case of AWS's vectors has the canonical request, the text to sign and the signature that AWS states",
        .enabled(if: SigningVector.areHere, "the public vectors are not beside the package"),
        arguments: SigningVector.all)
    func headerSigning(_ vector: SigningVector) throws {
        let (signer, moment, request) = (try vector.signer(), try vector.moment(), try vector.request())
        let added = signer.headers(for: request, at: moment)
        var signed = request
        signed.headers += added.filter {
            $0.name != "Authorization" && (signer.signsToken || $0.name != "X-Amz-Security-Token")
        }
        let canonical = CanonicalRequest(signed, paths: signer.paths)
        #expect(canonical.text == (try vector.text("header-canonical-request.txt")))
        #expect(
            signer.stringToSign(canonical, at: SigningMoment(moment)) == (try vector.text("header-string-to-sign.txt")))
        let authorization = try #require(added.first { $0.name == "Authorization" }).value
        #expect(authorization.hasSuffix("Signature=\(try vector.text("header-signature.txt"))"))
        #expect(try vector.text("header-signed-request.txt").contains("Authorization:\(authorization)"))
        let token = added.contains { $0.name == "X-Amz-Security-Token" }
        #expect(token == (try vector.context()["credentials"]?["token"] != nil))
    }

    @Test(
        "every case of AWS's vectors has the presigned query that AWS states",
        .enabled(if: SigningVector.areHere, "the public vectors are not beside the package"),
        arguments: SigningVector.all)
    func presigning(_ vector: SigningVector) throws {
        let (signer, moment, request) = (try vector.signer(), try vector.moment(), try vector.request())
        let seconds = try vector.context()["expiration_in_seconds"]?.integer ?? 0
        let query = signer.presignedQuery(for: request, at: moment, expires: .seconds(seconds))
        let expected = try vector.text("query-signed-request.txt")
        let line = expected.prefix { $0 != "\n" }.dropLast(" HTTP/1.1".count)
        let stated = line.drop { $0 != "?" }.dropFirst()
        #expect(query.hasSuffix("&X-Amz-Signature=\(try vector.text("query-signature.txt"))"))
        #expect(decodedItems(query) == decodedItems(String(stated)))
    }

    @Test("S3 signs a path as it is sent, so that a key with dots and double slashes stays itself")
    func pathsOfS3() {
        let request = SigningRequest(method: "GET", path: "/b/a//../%20x", headers: [.init("Host", "h")])
        let text = CanonicalRequest(request, paths: .asSent).text
        #expect(text.hasPrefix("GET\n/b/a//../%20x\n"))
        #expect(CanonicalRequest(request, paths: .normalized).text.hasPrefix("GET\n/b/%2520x\n"))
    }

    @Test("a signature for S3 states the payload, signed or not, and other services do not")
    func payload() {
        let credentials = AWSCredentials(accessKey: "A", secretKey: Secret("S"))
        let request = SigningRequest(method: "PUT", path: "/k", headers: [.init("Host", "h")], payload: .unsigned)
        func names(_ service: String) -> [String] {
            SigV4(credentials: credentials, region: "r", service: service).headers(for: request, at: .init(seconds: 0))
                .map { "\($0.name)=\($0.value)" }.filter { $0.hasPrefix("X-Amz-Content") }
        }
        #expect(names("s3") == ["X-Amz-Content-Sha256=UNSIGNED-PAYLOAD"])
        #expect(names("sqs") == [])
    }

    @Test("credentials do not show their secrets, however they are printed")
    func redaction() {
        let credentials = AWSCredentials(
            accessKey: "AKID", secretKey: Secret("canary-1"), sessionToken: Secret("canary-2"))
        var dumped = "\(credentials) \(String(reflecting: credentials))"
        dump(credentials, to: &dumped)
        #expect(dumped.contains("AKID") && !dumped.contains("canary"))
    }

    private func decodedItems(_ query: String) -> [String] {
        query.split(separator: "&").map { String(decoding: percentDecoded($0) ?? [], as: UTF8.self) }.sorted()
    }
}

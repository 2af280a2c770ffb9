// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTransfer
import Testing

@testable import GranaryAWS

/// What the headers of an object state of its bytes, and what they do not.
@Suite("S3 statements") struct S3HeadTests {
    private let bytes = Array("123456789".utf8)

    @Test("an ETag is an MD5 only of what was written whole and not with KMS or a customer's key")
    func tags() throws {
        let md5 = Checksum(.md5, of: bytes)
        #expect(try head("\"\(md5.hex)\"").stated == [md5])
        #expect(try head(md5.hex).stated == [md5])
        #expect(try head("\"\(md5.hex)\"", ["x-amz-server-side-encryption": "AES256"]).stated == [md5])
        #expect(try head("\"\(md5.hex)-2\"").stated == [])
        #expect(try head("W/\"\(md5.hex)\"").stated == [])
        #expect(try head("\"\(md5.hex)\"", ["x-amz-server-side-encryption": "aws:kms"]).stated == [])
        #expect(try head("\"\(md5.hex)\"", ["x-amz-server-side-encryption-customer-algorithm": "AES256"]).stated == [])
    }

    @Test("checksums of the whole object are stated, those of the checksums of parts are not")
    func checksums() throws {
        let crc = Checksum(.crc64nvme, of: bytes)
        let sha = Checksum(.sha256, of: bytes)
        #expect(try head("t", ["x-amz-checksum-crc64nvme": base64(crc.bytes)]).stated == [crc])
        let full = try head("t", ["x-amz-checksum-sha256": base64(sha.bytes), "x-amz-checksum-type": "FULL_OBJECT"])
        #expect(full.stated == [sha] && full.checksum == sha && full.composite == nil)
        let parts = try head(
            "t", ["x-amz-checksum-sha256": base64(sha.bytes) + "-3", "x-amz-checksum-type": "COMPOSITE"])
        #expect(parts.stated == [] && parts.checksum == nil && parts.composite == base64(sha.bytes) + "-3")
        #expect(
            try head("t", ["x-amz-checksum-sha256": base64(sha.bytes), "x-amz-checksum-type": "COMPOSITE"]).stated == []
        )
        #expect(try head("t", ["x-amz-checksum-sha256": "####"]).stated == [])
    }

    @Test(
        "digests in user metadata are understood, in hexadecimal and base64, whatever the letters of the name",
        arguments: [
            "md5checksum", "MD5", "Md5chksum", "content-md5", "md5sum", "sha256", "SHA-256", "sha512sum", "Sha1",
        ])
    func metadata(name: String) throws {
        let word = name.lowercased().filter { $0 != "-" }
        let algorithm = try #require(
            Checksum.Algorithm.digests.first {
                word.replacing("content", with: "").hasPrefix($0.rawValue.lowercased())
            })
        let checksum = Checksum(algorithm, of: bytes)
        #expect(try head("t", ["X-Amz-Meta-\(name)": checksum.hex.uppercased()]).stated == [checksum])
        #expect(try head("t", ["x-amz-meta-\(name)": base64(checksum.bytes)]).stated == [checksum])
        #expect(try head("t", ["x-amz-meta-\(name)": "unknown"]).stated == [])
        #expect(try head("t", ["x-amz-meta-x\(name)": checksum.hex]).stated == [])
    }

    @Test("the size of a part of an object is that of the whole")
    func ranges() throws {
        var answer = answer("t", ["Content-Range": "bytes 3-8/9"])
        answer.status = 206
        answer.length = 6
        #expect(try S3Head(answer).size == 9)
    }

    @Test("a generation is read as it was written, and tells contents apart")
    func generations() throws {
        let generation = S3Generation(try head("\"a/b\""))
        #expect(S3Generation(generation.text) == generation && generation.tag == "a/b" && generation.size == 9)
        #expect(S3Generation("") == nil && S3Generation("other") == nil && S3Generation("a/x/1") == nil)
    }

    @Test("the composite checksum is that of the parts' checksums")
    func composite() {
        let parts = [[UInt8(1)], [2, 3]].enumerated().map {
            S3Part(number: $0.offset + 1, tag: "", sha256: Checksum(.sha256, of: $0.element))
        }
        let digests = parts.flatMap { $0.sha256?.bytes ?? [] }
        #expect(compositeChecksum(of: parts.reversed()) == base64(Checksum(.sha256, of: digests).bytes) + "-2")
    }

    private func head(_ tag: String, _ headers: [String: String] = [:]) throws -> S3Head {
        try S3Head(answer(tag, headers))
    }

    private func answer(_ tag: String, _ headers: [String: String]) -> TransferAnswer {
        var answer = TransferAnswer()
        answer.status = 200
        answer.length = 9
        answer.headers =
            [TransferHeader("ETag", tag), TransferHeader("Last-Modified", "Sat, 21 Nov 2026 03:11:37 GMT")]
            + headers.map { TransferHeader($0.key, $0.value) }
        return answer
    }
}

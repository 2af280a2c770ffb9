// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryTransfer

/// Digests that web servers state in headers.
@Suite struct HTTPDigestTests {
    private let body = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 13) }

    private func digest(_ algorithm: Checksum.Algorithm, of bytes: [UInt8]? = nil) -> String {
        base64(Checksum(algorithm, of: bytes ?? body).bytes)
    }

    private func stated(_ headers: [(String, String)], status: Int = 200) -> [Checksum] {
        var answer = TransferAnswer()
        answer.status = status
        answer.headers = headers.map { TransferHeader($0.0, $0.1) }
        return answer.statedDigests
    }

    @Test("every header that states a digest is read, with several digests in one and one in several")
    func headers() {
        let (md5, sha1) = (Checksum(.md5, of: body), Checksum(.sha1, of: body))
        let (sha256, sha512) = (Checksum(.sha256, of: body), Checksum(.sha512, of: body))
        #expect(stated([("Content-MD5", digest(.md5))]) == [md5])
        #expect(
            stated([("repr-digest", "sha-256=:\(digest(.sha256)):, sha-512=:\(digest(.sha512)):;x=1")])
                == [sha256, sha512])
        #expect(stated([("Content-Digest", "sha-512=:\(digest(.sha512)):")]) == [sha512])
        #expect(
            stated([("Digest", "SHA-256=\(digest(.sha256)),MD5=\(digest(.md5))"), ("Digest", "SHA=\(digest(.sha1))")])
                == [sha256, md5, sha1])
        #expect(stated([("Digest", "MD5=\(digest(.md5))"), ("Content-MD5", digest(.md5))]) == [md5], "said twice")
        #expect(stated([("Content-MD5", digest(.md5)), ("Content-Encoding", "identity")]) == [md5])
    }

    @Test("a digest of a part or of an encoded file says nothing of the file")
    func otherBytes() {
        #expect(stated([("Content-Digest", "sha-256=:\(digest(.sha256)):")], status: 206) == [])
        #expect(stated([("Content-MD5", digest(.md5)), ("Content-Encoding", "gzip")]) == [])
    }

    @Test(
        "what is no digest states nothing",
        arguments: [
            ("Content-MD5", "bm90IGFuIG1kNQ=="), ("Content-MD5", "?"), ("Content-MD5", ""), ("Repr-Digest", "sha-256="),
            ("Repr-Digest", "sha-256=:abc"), ("Repr-Digest", "sha-256=::"), ("Repr-Digest", ":abc:"),
            ("Digest", "UNIXsum=30637"), ("Digest", "sha-256"), ("Digest", "=,=,,"), ("Digest", "SHA-256=YWJj"),
        ])
    func noDigest(name: String, value: String) { #expect(stated([(name, value)]) == []) }

    @Test(
        "what a server states comes with the copy, whether the bytes agree or not",
        arguments: [true, false])
    func staging(isTrue: Bool) async throws {
        let (body, said) = (body, digest(.sha512, of: isTrue ? body : body + [1]))
        let server = try ScriptedServer { request, connection in
            let headers = ["ETag: \"v1\"", "Repr-Digest: sha-512=:\(said):"]
            guard request.method == "GET" else {
                return connection.write(answerHead(200, headers + ["Content-Length: \(body.count)"]))
            }
            connection.answer(200, headers, body)
        }
        let directory = try TemporaryDirectory()
        let archive = try LocalStore(root: directory.path)
        let source = RetryingStore(BoundedStore(try HTTPStore(server.url, access: access()), concurrency: 2))
        let request = StageRequest(path: "file", generation: "5000@\"v1\"", target: "file")
        let copy = try await archive.stage([request], from: source)[0].get()
        #expect(copy.stated == [Checksum(.sha512, of: isTrue ? body : body + [1])])
        #expect(copy.digests[.sha512] == Checksum(.sha512, of: body))
    }

    @Test("a file that goes on where it broke is still compared with what was stated of the whole")
    func resumed() async throws {
        let (body, said) = (body, digest(.md5))
        let server = try ScriptedServer { request, connection in
            guard request.method == "GET" else { return connection.headed(length: body.count) }
            let start = request.rangeStart
            guard start == 0 else {
                let range = "Content-Range: bytes \(start)-4999/5000"
                return connection.answer(206, ["ETag: \"v1\"", range, "Content-MD5: AAAA"], body[start...])
            }
            let head = ["ETag: \"v1\"", "Content-MD5: \(said)", "Content-Length: 5000"]
            connection.write(answerHead(200, head) + body[..<1234])
            connection.close()
        }
        let directory = try TemporaryDirectory()
        let archive = try LocalStore(root: directory.path)
        let source = RetryingStore(try HTTPStore(server.url, access: access()), clock: NoWait())
        let request = StageRequest(path: "file", generation: "5000@\"v1\"", target: "file")
        let copy = try await archive.stage([request], from: source)[0].get()
        #expect(copy.stated == [Checksum(.md5, of: body)])
        #expect(copy.digests[.md5] == Checksum(.md5, of: body))
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore
internal import GranaryTransfer

/// Uploads in parts: invisible until they are completed, each part checked by the service on its way.
extension S3Client {
    /// Begins an upload. Gives its identifier. One whose reply was lost stays behind until the next sweep.
    func beginUpload(_ key: BytePath) async throws -> String {
        var request = try request("POST", key)
        request.query = [QueryItem("uploads")]
        request.headers = [
            TransferHeader("Content-Type", "application/octet-stream"),
            TransferHeader("x-amz-checksum-algorithm", "SHA256"), TransferHeader("x-amz-checksum-type", "COMPOSITE"),
        ]
        let answer = try await exchange(request, "begin an upload of", key)
        return try S3Answer(["InitiateMultipartUploadResult"], parsing: answer.body).required("UploadId")
    }

    /// Sends one part, numbered from 1 on.
    func uploadPart(_ upload: S3Upload, number: Int, _ bytes: [UInt8], sha256: Checksum) async throws -> S3Part {
        var request = try request("PUT", upload.key)
        request.query = [QueryItem("partNumber", String(number)), QueryItem("uploadId", upload.id)]
        request.body = .bytes(bytes)
        request.payload = .signed(sha256: sha256.hex)
        request.headers = [TransferHeader("x-amz-checksum-sha256", base64(sha256.bytes))]
        let answer = try await exchange(request, "write part \(number) of", upload.key)
        guard let tag = answer.header("ETag"), !tag.isEmpty else {
            throw GranaryError.otherAnswer("the ETag of a part", "none")
        }
        return S3Part(number: number, tag: unquoted(tag), size: Int64(bytes.count), sha256: sha256)
    }

    /// Makes the object of its parts, in order, unless there is one of that name already.
    func complete(_ upload: S3Upload, _ parts: [S3Part]) async throws -> S3Write {
        var request = try request("POST", upload.key)
        request.query = [QueryItem("uploadId", upload.id)]
        request.body = .bytes(completion(parts))
        request.headers = [
            TransferHeader("Content-Type", "application/xml"), TransferHeader("If-None-Match", "*"),
            TransferHeader("x-amz-checksum-type", "COMPOSITE"),
        ]
        request.accepted = [412]
        request.mayFailInside200 = true
        let answer: TransferAnswer
        do {
            answer = try await exchange(request, "complete the upload of", upload.key)
        } catch let error as GranaryError where error.awsFault?.code == "PreconditionFailed" {
            // The condition is looked at last: its refusal may come inside a 200.
            return .occupied
        }
        guard answer.status != 412 else { return .occupied }
        _ = try S3Answer(["CompleteMultipartUploadResult"], parsing: answer.body)
        return .written
    }

    private func completion(_ parts: [S3Part]) -> [UInt8] {
        var document = XMLText()
        document.element("CompleteMultipartUpload", attributes: S3.namespace) { body in
            for part in parts.sorted(by: { $0.number < $1.number }) {
                body.element("Part") { text in
                    text.element("ETag", quoted(part.tag))
                    if let sha256 = part.sha256 { text.element("ChecksumSHA256", base64(sha256.bytes)) }
                    text.element("PartNumber", String(part.number))
                }
            }
        }
        return document.bytes
    }

    /// Gives up an upload and frees its parts. One that is gone is as good as aborted.
    func abort(_ upload: S3Upload) async throws {
        var request = try request("DELETE", upload.key)
        request.query = [QueryItem("uploadId", upload.id)]
        request.accepted = [404]
        _ = try await exchange(request, "abort the upload of", upload.key)
    }

    /// One page of the uploads below a prefix that were begun and not ended.
    func uploads(prefix: BytePath, after marker: (key: String, id: String)?) async throws -> S3UploadPage {
        var request = request("GET")
        request.query = [
            QueryItem("uploads"), QueryItem("encoding-type", "url"), QueryItem("prefix", try text(of: prefix)),
        ]
        if let marker {
            request.query += [QueryItem("key-marker", marker.key), QueryItem("upload-id-marker", marker.id)]
        }
        let answer = try await exchange(request, limit: 8 << 20, "list the uploads to", nil)
        return try S3UploadPage(parsing: answer.body)
    }

    /// All parts of an upload that the service has.
    func parts(of upload: S3Upload) async throws -> [S3Part] {
        var parts: [S3Part] = []
        var marker: Int?
        repeat {
            var request = try request("GET", upload.key)
            request.query = [QueryItem("uploadId", upload.id)]
            if let marker { request.query.append(QueryItem("part-number-marker", String(marker))) }
            let page = try S3PartPage(
                parsing: try await exchange(request, limit: 8 << 20, "list the parts of", upload.key).body)
            guard (page.next ?? .max) > (marker ?? 0) else {
                throw GranaryError.otherAnswer("later parts", "earlier ones")
            }
            parts += page.parts
            marker = page.next
        } while marker != nil
        return parts
    }
}

/// The checksum that S3 gives an object of parts: the SHA-256 of their SHA-256s, and how many they are.
func compositeChecksum(of parts: [S3Part]) -> String? {
    let digests = parts.sorted { $0.number < $1.number }.compactMap(\.sha256)
    guard digests.count == parts.count else { return nil }
    return base64(Checksum(.sha256, of: digests.flatMap(\.bytes)).bytes) + "-\(parts.count)"
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore

extension S3Model {
    mutating func completeUpload(_ ask: Ask, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        let upload = try upload(ask)
        let parts = try chosenParts(upload, try XMLDocumentReader.read(ask.request.body))
        try writingConditions(ask)
        let bytes = parts.flatMapBytes
        if let size = ask.request.header("x-amz-mp-object-size"), size != "\(bytes.count)" {
            throw Refusal(400, "InvalidRequest", "The provided 'x-amz-mp-object-size' header does not match")
        }
        let etag = Checksum(.md5, of: parts.flatMap { rawBytes($0.md5) }).hex
        var object = S3Object(bytes: bytes, etag: "\(etag)-\(parts.count)", modified: ask.now)
        object.headers = upload.headers
        object.checksumType = upload.checksumType
        if let algorithm = upload.algorithm {
            object.checksums[algorithm] = try whole(algorithm, upload, parts, bytes, ask.request)
        }
        let name = ask.parameter("uploadId") ?? ""
        buckets[ask.bucket]?.uploads[name] = nil
        var reply = keep(object, ask, identity: name, &effects)
        let result = XML(
            "CompleteMultipartUploadResult",
            [
                XML("Location", "http://127.0.0.1/\(ask.subject)"), XML("Bucket", ask.bucket), XML("Key", ask.key.text),
                XML("ETag", "\"\(object.etag)\""),
            ] + object.checksums.map { XML($0.key.element, $0.value) }
                + (object.checksums.isEmpty ? [] : [XML("ChecksumType", object.checksumType)]))
        reply.body = Reply.xml(result).body
        reply.headers =
            [Header(name: "content-type", value: "application/xml")]
            + reply.headers.filter { $0.name == "x-amz-version-id" }
        return reply
    }

    /// The parts that the request names, each proved.
    private func chosenParts(_ upload: S3Upload, _ document: XML) throws(Refusal) -> [S3Upload.Part] {
        var parts: [S3Upload.Part] = []
        var last = 0
        for entry in document.all("Part") {
            guard let number = entry.first("PartNumber").flatMap({ Int($0.text) }) else {
                throw Refusal(400, "MalformedXML", "A part has no number")
            }
            guard number > last else {
                throw Refusal(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
            }
            guard let part = upload.parts[number], entry.first("ETag")?.text.filter({ $0 != "\"" }) == part.md5.hex
            else {
                throw Refusal(400, "InvalidPart", "One or more of the specified parts could not be found.")
            }
            try prove(entry, part, upload)
            parts.append(part)
            last = number
        }
        guard !parts.isEmpty else { throw Refusal(400, "MalformedXML", "You must specify at least one part") }
        guard parts.dropLast().allSatisfy({ $0.bytes.count >= smallestPart }) else {
            throw Refusal(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
        }
        return parts
    }

    private func prove(_ entry: XML, _ part: S3Upload.Part, _ upload: S3Upload) throws(Refusal) {
        for name in ChecksumName.allCases {
            guard let stated = entry.first(name.element)?.text else { continue }
            guard stated == base64(name.digest(of: part.bytes)) else {
                throw Refusal(400, "InvalidPart", "The checksum of a part does not match")
            }
        }
        if let wanted = upload.algorithm, upload.checksumType == "COMPOSITE", entry.first(wanted.element) == nil {
            throw Refusal(
                400, "InvalidRequest",
                "The upload was created using a \(wanted.rawValue) checksum. The complete request must include the checksum for each part."
            )
        }
    }

    /// The checksum that the object carries: of all its bytes, or of its parts' digests.
    private func whole(
        _ algorithm: ChecksumName, _ upload: S3Upload, _ parts: [S3Upload.Part], _ bytes: [UInt8], _ request: Request
    ) throws(Refusal) -> String {
        let isWhole = upload.checksumType == "FULL_OBJECT"
        let digest =
            isWhole
            ? base64(algorithm.digest(of: bytes))
            : base64(algorithm.digest(of: parts.flatMap { algorithm.digest(of: $0.bytes) })) + "-\(parts.count)"
        if let stated = request.header(algorithm.header), stated != digest, isWhole || stated.contains("-") {
            throw Refusal(
                400, "BadDigest", "The \(algorithm.upper) you specified did not match the calculated checksum.")
        }
        return digest
    }
}

extension [S3Upload.Part] {
    /// All bytes, in order.
    fileprivate var flatMapBytes: [UInt8] {
        var bytes: [UInt8] = []
        for part in self { bytes += part.bytes }
        return bytes
    }
}

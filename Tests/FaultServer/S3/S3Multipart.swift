// SPDX-License-Identifier: Apache-2.0

import GranaryCore

extension S3Model {
    mutating func createUpload(_ ask: Ask) throws(Refusal) -> Reply {
        let algorithm = ask.request.header("x-amz-checksum-algorithm").flatMap {
            ChecksumName(rawValue: $0.lowercased())
        }
        let type =
            ask.request.header("x-amz-checksum-type")
            ?? (algorithm?.isWholeByDefault == true ? "FULL_OBJECT" : "COMPOSITE")
        if type == "FULL_OBJECT", algorithm == .sha256 || algorithm == .sha1 {
            throw Refusal(400, "InvalidRequest", "The FULL_OBJECT checksum type cannot be used with this algorithm")
        }
        let name = fresh("upload-")
        buckets[ask.bucket]?.uploads[name] = S3Upload(
            key: ask.key, started: ask.now, headers: ask.request.storedHeaders, algorithm: algorithm, checksumType: type
        )
        var reply = Reply.xml(
            XML(
                "InitiateMultipartUploadResult",
                [XML("Bucket", ask.bucket), XML("Key", ask.key.text), XML("UploadId", name)]))
        if let algorithm {
            reply.set("x-amz-checksum-algorithm", algorithm.upper)
            reply.set("x-amz-checksum-type", type)
        }
        return reply
    }

    func upload(_ ask: Ask) throws(Refusal) -> S3Upload {
        guard let upload = buckets[ask.bucket]?.uploads[ask.parameter("uploadId") ?? ""], upload.key == ask.key else {
            throw Refusal(404, "NoSuchUpload", "The specified multipart upload does not exist.")
        }
        return upload
    }

    mutating func uploadPart(_ ask: Ask, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        let upload = try upload(ask)
        let proved = try BodyChecksums(proving: ask.request)
        guard let number = ask.parameter("partNumber").flatMap({ Int($0) }), (1...10_000).contains(number) else {
            throw Refusal(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
        }
        if let wanted = upload.algorithm, upload.checksumType == "COMPOSITE", proved.stated[wanted] == nil {
            throw Refusal(
                400, "InvalidRequest", "Checksum Type mismatch occurred, expected checksum Type: \(wanted.upper)")
        }
        let name = ask.parameter("uploadId") ?? ""
        let kind: Effect.Kind = upload.parts[number] == nil ? .created : .replaced
        buckets[ask.bucket]?.uploads[name]?.parts[number] = S3Upload.Part(
            bytes: ask.request.body, md5: proved.md5, checksums: proved.stated, modified: ask.now)
        effects.append(
            Effect(ask.operation, kind, ask.subject, identity: "\(name)#\(number)", body: ask.request.body))
        return Reply(
            200,
            [Header(name: "etag", value: "\"\(proved.md5.hex)\"")]
                + proved.stated.map { Header(name: $0.key.header, value: $0.value) })
    }

    mutating func abortUpload(_ ask: Ask, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        _ = try upload(ask)
        let name = ask.parameter("uploadId") ?? ""
        buckets[ask.bucket]?.uploads[name] = nil
        effects.append(Effect(ask.operation, .removed, ask.subject, identity: name))
        return Reply(204)
    }

    /// All uploads of a prefix, paged by `key-marker` and `upload-id-marker`.
    func listUploads(_ ask: Ask) -> Reply {
        let prefix = Array((ask.parameter("prefix") ?? "").utf8)
        let limit = ask.parameter("max-uploads").flatMap { Int($0) } ?? 1000
        let marker = (Key(ask.parameter("key-marker") ?? ""), ask.parameter("upload-id-marker") ?? "")
        let all = (buckets[ask.bucket]?.uploads ?? [:]).filter { $0.value.key.hasPrefix(prefix) }
            .map { ($0.value.key, $0.key, $0.value) }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .filter { ($0.0, $0.1) > marker && !(marker.1.isEmpty && $0.0 == marker.0) }
        let shown = all.prefix(limit)
        let isEncoded = ask.parameter("encoding-type") == "url"
        let spelled = { (key: Key) in isEncoded ? PercentCode.encode(key.bytes, keeping: [47]) : key.text }
        var elements = [XML("Bucket", ask.bucket), XML("IsTruncated", shown.count < all.count ? "true" : "false")]
        if shown.count < all.count, let last = shown.last {
            elements += [XML("NextKeyMarker", spelled(last.0)), XML("NextUploadIdMarker", last.1)]
        }
        elements += shown.map { key, name, upload in
            XML(
                "Upload",
                [XML("Key", spelled(key)), XML("UploadId", name), XML("Initiated", Moments.iso(upload.started))])
        }
        return .xml(XML("ListMultipartUploadsResult", elements))
    }

    func listParts(_ ask: Ask) throws(Refusal) -> Reply {
        let upload = try upload(ask)
        let parts = upload.parts.sorted { $0.key < $1.key }.map { number, part in
            XML(
                "Part",
                [
                    XML("PartNumber", "\(number)"), XML("LastModified", Moments.iso(part.modified)),
                    XML("ETag", "\"\(part.md5.hex)\""), XML("Size", "\(part.bytes.count)"),
                ] + part.checksums.map { XML($0.key.element, $0.value) })
        }
        let opening = [
            XML("Bucket", ask.bucket), XML("Key", ask.key.text), XML("UploadId", ask.parameter("uploadId") ?? ""),
            XML("IsTruncated", "false"),
        ]
        return .xml(XML("ListPartsResult", opening + parts))
    }
}

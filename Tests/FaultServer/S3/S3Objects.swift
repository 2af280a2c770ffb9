// SPDX-License-Identifier: Apache-2.0

import GranaryCore

extension S3Model {
    func getObject(_ ask: Ask) throws(Refusal) -> Reply {
        let object = try found(ask)
        try readingConditions(ask, object)
        var reply = Reply(200, object.headers)
        reply.set("etag", "\"\(object.etag)\"")
        reply.set("last-modified", Moments.http(object.modified))
        reply.set("accept-ranges", "bytes")
        if buckets[ask.bucket]?.isVersioned == true { reply.set("x-amz-version-id", object.version) }
        if reply.header("content-type") == nil { reply.set("content-type", "binary/octet-stream") }
        if let text = ask.request.header("range") {
            try reply.setRange(text, of: object.bytes)
        } else {
            reply.body = object.bytes
        }
        if reply.status == 200, ask.request.header("x-amz-checksum-mode")?.uppercased() == "ENABLED" {
            reply.headers += object.checksumHeaders
        }
        return reply
    }

    private func found(_ ask: Ask) throws(Refusal) -> S3Object {
        if let version = ask.parameter("versionId") {
            guard let object = buckets[ask.bucket]?.version(ask.key, version) else {
                throw Refusal(404, "NoSuchVersion", "The specified version does not exist.")
            }
            guard !object.isMarker else { throw Refusal(405, "MethodNotAllowed", "This is a delete marker") }
            return object
        }
        guard let object = buckets[ask.bucket]?.current(ask.key) else { throw .noSuchKey(ask.key) }
        return object
    }

    private func readingConditions(_ ask: Ask, _ object: S3Object) throws(Refusal) {
        if let wanted = ask.request.header("if-match"), !object.matches(wanted) { throw .preconditionFailed }
        if let known = ask.request.header("if-none-match"), object.matches(known) {
            var notModified = Refusal(304, "NotModified")
            notModified.headers = [Header(name: "etag", value: "\"\(object.etag)\"")]
            throw notModified
        }
    }

    /// `If-None-Match: *` and `If-Match` on what changes an object.
    func writingConditions(_ ask: Ask) throws(Refusal) {
        let current = buckets[ask.bucket]?.current(ask.key)
        if let text = ask.request.header("if-none-match") {
            guard text == "*" else { throw Refusal(501, "NotImplemented", "Only If-None-Match: * is done here") }
            if current != nil { throw .preconditionFailed }
        }
        if let wanted = ask.request.header("if-match") {
            guard let current else { throw .noSuchKey(ask.key) }
            if !current.matches(wanted) { throw .preconditionFailed }
        }
    }

    mutating func putObject(_ ask: Ask, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        let proved = try BodyChecksums(proving: ask.request)
        try writingConditions(ask)
        var object = S3Object(bytes: ask.request.body, etag: proved.md5.hex, modified: ask.now)
        object.checksums = proved.stated
        object.headers = ask.request.storedHeaders
        return keep(object, ask, identity: "", &effects)
    }

    /// Makes an object the current one and tells so.
    mutating func keep(_ object: S3Object, _ ask: Ask, identity: String, _ effects: inout [Effect]) -> Reply {
        var object = object
        let isVersioned = buckets[ask.bucket]?.isVersioned == true
        if isVersioned { object.version = fresh("v") }
        let kind: Effect.Kind = buckets[ask.bucket]?.current(ask.key) == nil ? .created : .replaced
        buckets[ask.bucket]?.store(object, at: ask.key)
        effects.append(Effect(ask.operation, kind, ask.subject, identity: identity, body: object.bytes))
        var reply = Reply(200, object.checksumHeaders)
        reply.set("etag", "\"\(object.etag)\"")
        if isVersioned { reply.set("x-amz-version-id", object.version) }
        return reply
    }

    mutating func copyObject(_ ask: Ask, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        let given = (ask.request.header("x-amz-copy-source") ?? "").split(separator: "?").first ?? ""
        let source = PercentCode.decode(given.utf8) ?? []
        let parts = source.drop { $0 == 47 }.split(separator: 47, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let bucket = buckets[String(decoding: parts[0], as: UTF8.self)] else {
            throw .noSuchBucket(String(given))
        }
        guard var object = bucket.current(Key(parts[1])) else { throw .noSuchKey(Key(parts[1])) }
        if let wanted = ask.request.header("x-amz-copy-source-if-match"), !object.matches(wanted) {
            throw .preconditionFailed
        }
        try writingConditions(ask)
        object.modified = ask.now
        object.version = "null"
        if ask.request.header("x-amz-metadata-directive") == "REPLACE" { object.headers = ask.request.storedHeaders }
        var reply = keep(object, ask, identity: String(given), &effects)
        let result = XML(
            "CopyObjectResult",
            [XML("LastModified", Moments.iso(object.modified)), XML("ETag", "\"\(object.etag)\"")]
                + object.checksums.map { XML($0.key.element, $0.value) })
        reply.body = Reply.xml(result).body
        reply.set("etag", nil)
        return reply
    }
}

extension S3Object {
    /// Whether an `If-Match` list names this object.
    func matches(_ list: String) -> Bool {
        list.split(separator: ",").contains { entry in
            let word = entry.trimmed
            return word == "*" || word == "\"\(etag)\"" || word == etag
        }
    }

    var checksumHeaders: [Header] {
        guard !checksums.isEmpty else { return [] }
        return checksums.map { Header(name: $0.key.header, value: $0.value) }
            + [Header(name: "x-amz-checksum-type", value: checksumType)]
    }
}

extension Request {
    /// What is kept with an object and given back with it.
    var storedHeaders: [Header] {
        let kept = ["content-type", "cache-control", "content-disposition", "content-encoding", "content-language"]
        return headers.filter { $0.name.hasPrefix("x-amz-meta-") || kept.contains($0.name) }
    }
}

extension Reply {
    /// Answers one range, or the whole when the range is none that can be read.
    mutating func setRange(_ text: String, of bytes: [UInt8]) throws(Refusal) {
        guard let asked = ByteRange(text, size: bytes.count) else {
            body = bytes
            return
        }
        guard let range = asked.range else {
            var refusal = Refusal(416, "InvalidRange", "The requested range is not satisfiable")
            refusal.headers = [Header(name: "content-range", value: "bytes */\(bytes.count)")]
            throw refusal
        }
        status = 206
        body = Array(bytes[range])
        set("content-range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)")
    }
}

/// One range of a `Range` header; `range` is nil when nothing of it is there.
struct ByteRange {
    var range: Range<Int>?

    /// Nil when the text is no single range of bytes.
    init?(_ text: String, size: Int) {
        guard text.hasPrefix("bytes=") else { return nil }
        let ends = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        if ends[0].isEmpty {
            guard let last = Int(ends[1]) else { return nil }
            range = last > 0 && size > 0 ? max(0, size - last)..<size : nil
        } else {
            guard let first = Int(ends[0]), let last = ends[1].isEmpty ? Int.max : Int(ends[1]), first <= last else {
                return nil
            }
            range = first < size ? first..<(min(last, size - 1) + 1) : nil
        }
    }
}

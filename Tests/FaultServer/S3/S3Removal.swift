// SPDX-License-Identifier: Apache-2.0

import GranaryCore

extension S3Model {
    mutating func deleteObject(_ ask: Ask, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        if let wanted = ask.request.header("if-match") {
            guard let current = buckets[ask.bucket]?.current(ask.key) else { throw .noSuchKey(ask.key) }
            if !current.matches(wanted) { throw .preconditionFailed }
        }
        var reply = Reply(204)
        if let version = ask.parameter("versionId") {
            buckets[ask.bucket]?.erase(ask.key, version: version)
            effects.append(Effect(ask.operation, .removed, ask.subject, identity: version))
            reply.set("x-amz-version-id", version)
        } else if let marker = remove(ask.key, ask, &effects) {
            reply.set("x-amz-version-id", marker)
            reply.set("x-amz-delete-marker", "true")
        }
        return reply
    }

    /// Removes the current object, if there is one. Gives the version of the marker that hides it.
    private mutating func remove(_ key: Key, _ ask: Ask, _ effects: inout [Effect]) -> String? {
        let isVersioned = buckets[ask.bucket]?.isVersioned == true
        let isThere = buckets[ask.bucket]?.current(key) != nil
        guard isThere || isVersioned else { return nil }
        var marker = S3Object(bytes: [], etag: "", modified: ask.now)
        marker.isMarker = true
        marker.version = fresh("v")
        buckets[ask.bucket]?.delete(key, marker: marker)
        if isThere { effects.append(Effect(ask.operation, .removed, "\(ask.bucket)/\(key.text)")) }
        return isVersioned ? marker.version : nil
    }

    mutating func deleteObjects(_ ask: Ask, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        guard ask.request.isBodyVouched else {
            throw Refusal(400, "InvalidRequest", "Missing required header for this request: Content-MD5")
        }
        _ = try BodyChecksums(proving: ask.request)
        let document = try XMLDocumentReader.read(ask.request.body)
        let entries = document.all("Object")
        guard (1...1000).contains(entries.count) else {
            throw Refusal(400, "MalformedXML", "1 to 1000 objects, please")
        }
        let failing = ask.faults.failingEntries
        var answers: [XML] = []
        for (place, entry) in entries.enumerated() {
            let key = Key(entry.first("Key")?.text ?? "")
            if let code = failing[place] {
                answers.append(XML("Error", [XML("Key", key.text), XML("Code", code), XML("Message", code)]))
            } else if let wanted = entry.first("ETag")?.text,
                buckets[ask.bucket]?.current(key)?.matches(wanted) == false
            {
                answers.append(XML("Error", [XML("Key", key.text), XML("Code", "PreconditionFailed")]))
            } else {
                if let version = entry.first("VersionId")?.text {
                    buckets[ask.bucket]?.erase(key, version: version)
                    effects.append(Effect(ask.operation, .removed, "\(ask.bucket)/\(key.text)", identity: version))
                } else {
                    _ = remove(key, ask, &effects)
                }
                answers.append(XML("Deleted", [XML("Key", key.text)]))
            }
        }
        if document.first("Quiet")?.text == "true" { answers.removeAll { $0.name == "Deleted" } }
        return .xml(XML("DeleteResult", answers))
    }
}

extension Request {
    fileprivate var isBodyVouched: Bool {
        header("content-md5") != nil || ChecksumName.allCases.contains { header($0.header) != nil }
    }
}

extension [Fault] {
    /// The codes of the entries of a batch that shall fail, by place.
    var failingEntries: [Int: String] {
        var codes: [Int: String] = [:]
        for case .failEntries(let places, let code) in self {
            for place in places { codes[place] = code }
        }
        return codes
    }
}

// SPDX-License-Identifier: Apache-2.0

package import GranaryCore

/// One thing that a notice says happened to an object. A hint, never the truth: notices come late, twice, or not at all.
package struct ObjectNotice: Sendable, Hashable {
    package var bucket: String
    /// As it is in the bucket, decoded.
    package var key: BytePath
    /// True when the object, or a version of it, was deleted.
    package var isRemoval: Bool
}

/// What one message about a bucket says, in each of the forms that AWS and its look-alikes send.
package enum BucketMessage: Sendable, Hashable {
    case notices([ObjectNotice])
    /// Sent once, when the notices are set up.
    case test
    case unreadable

    /// Reads S3's own form, alone or in an envelope of SNS, and EventBridge's.
    package init(_ body: [UInt8]) {
        guard let json = try? JSONValue(parsing: body) else {
            self = .unreadable
            return
        }
        self = Self.read(json, depth: 0)
    }

    private static func read(_ json: JSONValue, depth: Int) -> BucketMessage {
        // An envelope holds its message as text, and a queue behind a queue may wrap it once more.
        if let text = json["Message"]?.string ?? json.string, depth < 4, let inner = try? JSONValue(parsing: text) {
            return read(inner, depth: depth + 1)
        }
        if json["Event"]?.string == "s3:TestEvent" { return .test }
        if let records = json["Records"]?.array {
            let notices = records.compactMap(notice)
            return notices.isEmpty && !records.isEmpty ? .unreadable : .notices(notices)
        }
        return event(json).map { .notices([$0]) } ?? .unreadable
    }

    /// S3's own record: the key is encoded as in a form, by most; where that gives nothing it is taken as it is.
    private static func notice(_ record: JSONValue) -> ObjectNotice? {
        guard let bucket = record["s3"]?["bucket"]?["name"]?.string,
            let text = record["s3"]?["object"]?["key"]?.string
        else { return nil }
        let key = percentDecoded(text, plusIsSpace: true) ?? Array(text.utf8)
        return ObjectNotice(
            bucket: bucket, key: BytePath(key), isRemoval: isRemoval(record["eventName"]?.string ?? ""))
    }

    /// EventBridge's event, whose key is not encoded.
    private static func event(_ json: JSONValue) -> ObjectNotice? {
        guard json["source"]?.string == "aws.s3", let bucket = json["detail"]?["bucket"]?["name"]?.string,
            let key = json["detail"]?["object"]?["key"]?.string
        else { return nil }
        return ObjectNotice(
            bucket: bucket, key: BytePath(key), isRemoval: isRemoval(json["detail-type"]?.string ?? ""))
    }

    private static func isRemoval(_ event: String) -> Bool {
        ["ObjectRemoved", "LifecycleExpiration", "Object Deleted"].contains { event.contains($0) }
    }
}

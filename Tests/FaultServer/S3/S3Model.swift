// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// The name of an object: bytes, because two spellings of one accented letter are two objects.
struct Key: Sendable, Hashable, Comparable {
    var bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    init(_ text: String) { bytes = Array(text.utf8) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    static func < (left: Key, right: Key) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    func hasPrefix(_ prefix: [UInt8]) -> Bool { bytes.starts(with: prefix) }
}

/// One version of an object, or a delete marker.
struct S3Object: Sendable {
    var bytes: [UInt8]
    /// Without quotes.
    var etag: String
    var modified: Timestamp
    var version = "null"
    var isMarker = false
    var checksums: [ChecksumName: String] = [:]
    /// `FULL_OBJECT` or `COMPOSITE`.
    var checksumType = "FULL_OBJECT"
    /// `x-amz-meta-…`, `content-type` and their like, as they were sent.
    var headers: [Header] = []

    init(bytes: [UInt8], etag: String, modified: Timestamp) {
        (self.bytes, self.etag, self.modified) = (bytes, etag, modified)
    }
}

/// A multipart upload under way.
struct S3Upload: Sendable {
    struct Part: Sendable {
        var bytes: [UInt8]
        var md5: Checksum
        var checksums: [ChecksumName: String]
        var modified: Timestamp
    }

    var key: Key
    var parts: [Int: Part] = [:]
    var started: Timestamp
    var headers: [Header]
    var algorithm: ChecksumName?
    var checksumType: String
}

struct S3Bucket: Sendable {
    var isVersioned = false
    /// All versions, the current one last.
    private(set) var objects: [Key: [S3Object]] = [:]
    var uploads: [String: S3Upload] = [:]
    private var order: [Key]?

    /// The current object, unless it was deleted.
    func current(_ key: Key) -> S3Object? { objects[key]?.last.flatMap { $0.isMarker ? nil : $0 } }

    func version(_ key: Key, _ version: String) -> S3Object? { objects[key]?.first { $0.version == version } }

    /// All keys that ever had an object and have a version left, in order.
    mutating func keys() -> [Key] {
        if let order { return order }
        let sorted = objects.keys.sorted()
        order = sorted
        return sorted
    }

    mutating func store(_ object: S3Object, at key: Key) {
        if objects[key] == nil { order = nil }
        if isVersioned {
            objects[key, default: []].append(object)
        } else {
            objects[key] = [object]
        }
    }

    /// Removes the current object; in a versioned bucket a marker hides it.
    mutating func delete(_ key: Key, marker: S3Object) {
        if isVersioned {
            store(marker, at: key)
        } else {
            order = nil
            objects[key] = nil
        }
    }

    mutating func erase(_ key: Key, version: String) {
        objects[key]?.removeAll { $0.version == version }
        if objects[key]?.isEmpty == true { objects[key] = nil }
        order = nil
    }
}

/// S3, as much of it as Granary uses, path style.
struct S3Model: Sendable {
    var buckets: [String: S3Bucket] = [:]
    /// The smallest part that is not the last, in bytes.
    var smallestPart = 5 << 20
    private var counter = 0

    /// A name that was not given before.
    mutating func fresh(_ prefix: String) -> String {
        counter += 1
        return "\(prefix)\(counter)"
    }

    /// A request with what was found out about it on the way in.
    struct Ask {
        var operation: Operation
        var request: Request
        var bucket: String
        var key: Key
        var faults: [Fault]
        var now: Timestamp

        var subject: String { "\(bucket)/\(key.text)" }
        func parameter(_ name: String) -> String? { request.parameters[name] }
    }

    mutating func answer(_ ask: Ask, _ effects: inout [Effect]) throws(Refusal) -> Reply {
        if ask.operation == .createBucket { return createBucket(ask) }
        if ask.operation == .listBuckets { return listBuckets() }
        guard buckets[ask.bucket] != nil else { throw .noSuchBucket(ask.bucket) }
        guard ask.key.bytes.count <= 1024 else { throw Refusal(400, "KeyTooLongError", "Your key is too long") }
        switch ask.operation {
        case .headBucket: return Reply(200)
        case .bucketVersioning: return try versioning(ask)
        case .listObjects: return try listObjects(ask)
        case .listVersions: return listVersions(ask)
        case .headObject, .getObject: return try getObject(ask)
        case .putObject: return try putObject(ask, &effects)
        case .copyObject: return try copyObject(ask, &effects)
        case .deleteObject: return try deleteObject(ask, &effects)
        case .deleteObjects: return try deleteObjects(ask, &effects)
        case .createUpload: return try createUpload(ask)
        case .uploadPart: return try uploadPart(ask, &effects)
        case .completeUpload: return try completeUpload(ask, &effects)
        case .abortUpload: return try abortUpload(ask, &effects)
        case .listUploads: return listUploads(ask)
        case .listParts: return try listParts(ask)
        default: throw Refusal(501, "NotImplemented", "This is not done here")
        }
    }

    private mutating func createBucket(_ ask: Ask) -> Reply {
        buckets[ask.bucket] = buckets[ask.bucket] ?? S3Bucket()
        return Reply(200, [Header(name: "location", value: "/\(ask.bucket)")])
    }

    private func listBuckets() -> Reply {
        let names = buckets.keys.sorted().map { XML("Bucket", [XML("Name", $0)]) }
        return .xml(XML("ListAllMyBucketsResult", [XML("Buckets", names)]))
    }

    private mutating func versioning(_ ask: Ask) throws(Refusal) -> Reply {
        if ask.request.method == "PUT" {
            let status = try XMLDocumentReader.read(ask.request.body).first("Status")?.text
            buckets[ask.bucket]?.isVersioned = status == "Enabled"
            return Reply(200)
        }
        let isVersioned = buckets[ask.bucket]?.isVersioned == true
        return .xml(XML("VersioningConfiguration", isVersioned ? [XML("Status", "Enabled")] : []))
    }
}

extension Refusal {
    static func noSuchBucket(_ name: String) -> Refusal {
        Refusal(
            404, "NoSuchBucket", "The specified bucket does not exist",
            details: [Header(name: "BucketName", value: name)])
    }

    static func noSuchKey(_ key: Key) -> Refusal {
        Refusal(
            404, "NoSuchKey", "The specified key does not exist.", details: [Header(name: "Key", value: key.text)])
    }

    static let preconditionFailed = Refusal(
        412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
}

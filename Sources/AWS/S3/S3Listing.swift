// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// One object as a listing shows it.
struct S3Object: Sendable, Hashable {
    /// The whole key, prefix and all.
    var key: BytePath
    /// Without quotes.
    var tag: String
    var size: Int64
    var modified: Timestamp
    /// The words of its checksums, `SHA256`; empty when the service keeps none or does not tell.
    var algorithms: Set<String> = []
    /// True when that checksum is of all bytes, not of the checksums of parts.
    var isFullObject = false
    var storageClass = ""
}

/// One page of `ListObjectsV2`.
struct S3Page: Sendable, Hashable {
    var objects: [S3Object] = []
    /// Where the next page begins; nil after the last.
    var next: String?

    init() {}

    /// Throws `answer.invalid` for anything but a whole page.
    init(parsing document: [UInt8]) throws {
        var raw = RawPage()
        try XMLReader.decode(document) { root, reader in
            guard root == "ListBucketResult" else { throw GranaryError.otherAnswer("ListBucketResult", root) }
            try raw.read(reader)
        }
        guard raw.isTruncated == (raw.next?.isEmpty == false) else {
            throw GranaryError.otherAnswer("a continuation token exactly when there is more", "not so")
        }
        next = raw.next
        objects = try raw.objects.map { try S3Object($0, isEncoded: raw.isEncoded) }
    }
}

/// A page before its keys are decoded: the word for the encoding may follow them.
private struct RawPage {
    var objects: [RawObject] = []
    var next: String?
    var isTruncated = false
    var isEncoded = false

    mutating func read(_ reader: XMLReader) throws {
        while let name = try reader.nextChild() {
            switch name {
            case "Contents": objects.append(try RawObject(reader))
            case "IsTruncated": isTruncated = try reader.text() == "true"
            case "NextContinuationToken": next = try reader.text()
            case "EncodingType": isEncoded = try reader.text() == "url"
            default: try reader.skip()
            }
        }
        if !isTruncated { next = nil }
    }
}

private struct RawObject {
    var texts: [String: String] = [:]
    var algorithms: Set<String> = []

    init(_ reader: XMLReader) throws {
        while let name = try reader.nextChild() {
            switch name {
            case "Key", "Size", "ETag", "LastModified", "StorageClass", "ChecksumType": texts[name] = try reader.text()
            case "ChecksumAlgorithm": algorithms.insert(try reader.text())
            default: try reader.skip()
            }
        }
    }
}

extension S3Object {
    fileprivate init(_ raw: RawObject, isEncoded: Bool) throws {
        guard let text = raw.texts["Key"],
            let key = isEncoded ? percentDecoded(text, plusIsSpace: true) : Array(text.utf8),
            let size = raw.texts["Size"].flatMap({ Int64($0) }), size >= 0,
            let modified = raw.texts["LastModified"].flatMap({ Timestamp(parsing: $0) })
        else { throw GranaryError.otherAnswer("key, size and time of every object", "less") }
        self.key = BytePath(key)
        self.size = size
        // HEAD and GET know whole seconds only, and both have to name the same generation.
        self.modified = modified.wholeSeconds
        tag = unquoted(raw.texts["ETag"] ?? "")
        algorithms = raw.algorithms
        isFullObject = raw.texts["ChecksumType"] == "FULL_OBJECT"
        storageClass = raw.texts["StorageClass"] ?? ""
    }
}

extension Timestamp {
    /// Without what is less than a second.
    var wholeSeconds: Timestamp {
        let rest = microseconds % 1_000_000
        return Timestamp(microseconds: microseconds - (rest < 0 ? rest + 1_000_000 : rest))
    }
}

/// An ETag without its quotes; a weak one stays as it is, since it names no bytes.
func unquoted(_ tag: String) -> String {
    tag.utf8.count >= 2 && tag.hasPrefix("\"") && tag.hasSuffix("\"") ? String(tag.dropFirst().dropLast()) : tag
}

extension GranaryError {
    static func otherAnswer(_ wanted: String, _ found: String) -> GranaryError {
        GranaryError(
            .answerInvalid, "The server's answer should hold \(wanted), and holds \(BytePath(found)).",
            remedy: "Check that the endpoint is the service that it should be, and no proxy answers in its place.",
            disposition: .retry(after: nil))
    }
}

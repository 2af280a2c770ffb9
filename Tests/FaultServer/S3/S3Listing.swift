// SPDX-License-Identifier: Apache-2.0

import GranaryCore

extension S3Model {
    /// ListObjectsV2.
    mutating func listObjects(_ ask: Ask) throws(Refusal) -> Reply {
        guard ask.parameter("list-type") == "2" else { throw Refusal(501, "NotImplemented", "Only list-type=2") }
        let page = ListingPage(ask)
        guard page.isTokenRead else {
            throw Refusal(400, "InvalidArgument", "The continuation token provided is incorrect")
        }
        let keys = buckets[ask.bucket]?.keys() ?? []
        let listed = page.collect(keys) { buckets[ask.bucket]?.current($0) != nil }
        var entries = listed.keys.compactMap { key in
            buckets[ask.bucket]?.current(key).map { page.entry(key, $0) }
        }
        entries += listed.prefixes.map { XML("CommonPrefixes", [XML("Prefix", page.spelled($0))]) }
        for case .reorderPage in ask.faults { entries.reverse() }
        return .xml(XML("ListBucketResult", page.opening(ask, count: entries.count, next: listed.next) + entries))
    }

    /// All versions and markers below a prefix, in one page.
    mutating func listVersions(_ ask: Ask) -> Reply {
        let prefix = Array((ask.parameter("prefix") ?? "").utf8)
        var entries: [XML] = []
        for key in (buckets[ask.bucket]?.keys() ?? []).filter({ $0.hasPrefix(prefix) }) {
            let versions = buckets[ask.bucket]?.objects[key] ?? []
            for (place, object) in versions.enumerated().reversed() {
                let common = [
                    XML("Key", key.text), XML("VersionId", object.version),
                    XML("IsLatest", place == versions.count - 1 ? "true" : "false"),
                    XML("LastModified", Moments.iso(object.modified)),
                ]
                entries.append(
                    object.isMarker
                        ? XML("DeleteMarker", common)
                        : XML(
                            "Version",
                            common + [XML("ETag", "\"\(object.etag)\""), XML("Size", "\(object.bytes.count)")]))
            }
        }
        return .xml(XML("ListVersionsResult", [XML("Name", ask.bucket), XML("IsTruncated", "false")] + entries))
    }
}

/// What one page of a listing asks for.
private struct ListingPage {
    private let prefix: [UInt8]
    private let delimiter: [UInt8]
    private let limit: Int
    private let isEncoded: Bool
    private let token: String?
    private var after: Key?
    private(set) var isTokenRead = true
    private let repeatsToken: Bool

    init(_ ask: S3Model.Ask) {
        prefix = Array((ask.parameter("prefix") ?? "").utf8)
        delimiter = Array((ask.parameter("delimiter") ?? "").utf8)
        limit = min(max(ask.parameter("max-keys").flatMap { Int($0) } ?? 1000, 0), 1000)
        isEncoded = ask.parameter("encoding-type") == "url"
        token = ask.parameter("continuation-token")
        after = ask.parameter("start-after").map { Key($0) }
        var starts = false
        var repeats = false
        for fault in ask.faults {
            if case .repeatPage = fault { starts = true }
            if case .repeatToken = fault { repeats = true }
        }
        repeatsToken = repeats
        guard let token, !starts else { return }
        guard let bytes = base64Bytes(token) else {
            isTokenRead = false
            return
        }
        after = Key(bytes)
    }

    /// The keys and common prefixes of this page, and after which key the next one starts.
    func collect(_ keys: [Key], isThere: (Key) -> Bool) -> (keys: [Key], prefixes: [[UInt8]], next: Key?) {
        var found: [Key] = []
        var prefixes: [[UInt8]] = []
        var last: Key?
        for key in keys[start(in: keys)...] {
            guard key.hasPrefix(prefix) else { break }
            let common = commonPrefix(of: key)
            if let common, common == prefixes.last || after.map({ $0.hasPrefix(common) }) == true { continue }
            guard isThere(key) else { continue }
            guard found.count + prefixes.count < limit else { return (found, prefixes, last) }
            if let common { prefixes.append(common) } else { found.append(key) }
            last = common.map { Key($0 + [0xFF]) } ?? key
        }
        return (found, prefixes, nil)
    }

    private func start(in keys: [Key]) -> Int {
        let least = Key(prefix)
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            let isBefore = keys[middle] < least || after.map { !($0 < keys[middle]) } == true
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func commonPrefix(of key: Key) -> [UInt8]? {
        guard !delimiter.isEmpty else { return nil }
        let rest = key.bytes.dropFirst(prefix.count)
        guard let place = rest.indices.first(where: { rest[$0...].starts(with: delimiter) }) else { return nil }
        return Array(key.bytes[..<(place + delimiter.count)])
    }

    func spelled(_ bytes: [UInt8]) -> String {
        guard isEncoded else { return String(decoding: bytes, as: UTF8.self) }
        let encoded = PercentCode.encode(bytes, keeping: Array("/* ".utf8))
        return String(encoded.map { $0 == " " ? "+" : $0 })
    }

    func entry(_ key: Key, _ object: S3Object) -> XML {
        XML(
            "Contents",
            [
                XML("Key", spelled(key.bytes)), XML("LastModified", Moments.iso(object.modified)),
                XML("ETag", "\"\(object.etag)\""), XML("Size", "\(object.bytes.count)"),
                XML("StorageClass", "STANDARD"),
            ] + object.checksums.keys.map { XML("ChecksumAlgorithm", $0.upper) }
                + (object.checksums.isEmpty ? [] : [XML("ChecksumType", object.checksumType)]))
    }

    func opening(_ ask: S3Model.Ask, count: Int, next: Key?) -> [XML] {
        var elements = [
            XML("Name", ask.bucket), XML("Prefix", spelled(prefix)), XML("MaxKeys", "\(limit)"),
            XML("KeyCount", "\(count)"), XML("IsTruncated", next == nil ? "false" : "true"),
        ]
        if !delimiter.isEmpty { elements.append(XML("Delimiter", spelled(delimiter))) }
        if isEncoded { elements.append(XML("EncodingType", "url")) }
        if let token { elements.append(XML("ContinuationToken", token)) }
        if let start = ask.parameter("start-after") { elements.append(XML("StartAfter", spelled(Array(start.utf8)))) }
        if let next {
            let honest = base64(next.bytes)
            elements.append(XML("NextContinuationToken", repeatsToken ? token ?? honest : honest))
        }
        return elements
    }
}

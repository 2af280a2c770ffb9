// SPDX-License-Identifier: Apache-2.0

import GranaryCore

extension SiteConfiguration {
    /// In buckets as in folders, a staging area and what the site itself writes must lie apart.
    func checkBuckets() throws {
        var own = [("archive", Region(archive, of: self))]
        own += boxes.map { ($0.path, Region($0.place, of: self)) }
        for (index, watcher) in watchers.enumerated() {
            guard let staging = Region(watcher.source, of: self) else { continue }
            for case (let path, let other?) in own where staging.meets(other) {
                throw complaint(
                    "watchers[\(index)].source", "\(watcher.source.uri) and what `\(path)` names lie in one another",
                    remedy: "Give the staging area a prefix, or a bucket, of its own.")
            }
        }
    }
}

/// A part of a bucket. A bucket is told by its name and by the address of its server.
private struct Region {
    let endpoint: String?
    let bucket: String
    let prefix: [UInt8]

    init?(_ place: FilePlace, of site: SiteConfiguration) {
        guard case .bucket(let bucket, let prefix) = place.kind else { return nil }
        self.init(bucket, prefix, site.server(place.server))
    }

    init?(_ place: MessagePlace, of site: SiteConfiguration) {
        guard case .bucket(let bucket, let prefix) = place.kind else { return nil }
        self.init(bucket, prefix, site.server(place.server))
    }

    private init(_ bucket: String, _ prefix: String, _ server: ServerSettings) {
        endpoint = server.endpoint.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        self.bucket = bucket
        self.prefix = Array((prefix.isEmpty ? "" : prefix + "/").utf8)
    }

    func meets(_ other: Region) -> Bool {
        endpoint == other.endpoint && bucket == other.bucket
            && (prefix.starts(with: other.prefix) || other.prefix.starts(with: prefix))
    }
}

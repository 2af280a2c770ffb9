// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A name that says "I state checksums": a sidecar such as `a.nc.md5`, or a list such as `SHA256SUMS`.
public struct ManifestName: Sendable, Hashable {
    public var path: BytePath
    /// What its name says of the algorithm; lines of the content may say it themselves.
    public var algorithm: Checksum.Algorithm?
    /// The file that a sidecar is beside, for content that is a bare digest.
    public var sidecarOf: BytePath?

    /// Nil when the name is not that of a manifest.
    public init?(_ path: BytePath) {
        guard let name = path.name.text else { return nil }
        self.path = path
        if let algorithm = Self.sidecarSuffix(name) {
            self.algorithm = algorithm.0
            sidecarOf = BytePath(path.bytes.dropLast(algorithm.1.utf8.count))
        } else if Self.isList(name) {
            algorithm = Checksum.Algorithm.digests.first { name.lowercased().contains($0.word) }
        } else {
            return nil
        }
    }

    private static func sidecarSuffix(_ name: String) -> (Checksum.Algorithm, String)? {
        for algorithm in Checksum.Algorithm.digests {
            for suffix in [".\(algorithm.word)", ".\(algorithm.word)sum"]
            where name.lowercased().hasSuffix(suffix) && name.utf8.count > suffix.utf8.count {
                return (algorithm, suffix)
            }
        }
        return nil
    }

    /// `MD5SUMS`, `SHA256SUMS.txt`, `checksums.txt`, `CHECKSUM`, `manifest-sha256.txt`.
    private static func isList(_ name: String) -> Bool {
        let lower = name.lowercased()
        let stem = lower.hasSuffix(".txt") ? String(lower.dropLast(4)) : lower
        let lists = Checksum.Algorithm.digests.map(\.word).flatMap { word in
            ["\(word)sums", "\(word)sum", "manifest-\(word)", "checksums.\(word)", "checksums-\(word)"]
        }
        return lists.contains(stem) || ["checksums", "checksum"].contains(stem)
    }
}

extension Checksum.Algorithm {
    /// As file names spell it.
    fileprivate var word: String { rawValue.lowercased() }
}

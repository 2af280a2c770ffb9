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
            algorithm = Checksum.Algorithm(spelling: name.lowercased().replacing("sums", with: "").prefixWord)
        } else {
            return nil
        }
    }

    private static func sidecarSuffix(_ name: String) -> (Checksum.Algorithm, String)? {
        for algorithm in Checksum.Algorithm.allCases {
            let word = algorithm.rawValue.lowercased()
            for suffix in [".\(word)", ".\(word)sum"]
            where name.lowercased().hasSuffix(suffix) && name.utf8.count > suffix.utf8.count {
                return (algorithm, suffix)
            }
        }
        return nil
    }

    /// `MD5SUMS`, `SHA256SUMS.txt`, `checksums.txt`, `CHECKSUM`, `manifest-sha256.txt`.
    private static func isList(_ name: String) -> Bool {
        let stem = name.lowercased().replacing(".txt", with: "")
        let lists = Checksum.Algorithm.allCases.flatMap { algorithm in
            let word = algorithm.rawValue.lowercased()
            return ["\(word)sums", "\(word)sum", "manifest-\(word)", "checksums.\(word)", "checksums-\(word)"]
        }
        return lists.contains(stem) || ["checksums", "checksum"].contains(stem)
    }
}

extension String {
    /// The algorithm's word inside a list's name.
    fileprivate var prefixWord: String {
        Checksum.Algorithm.allCases.map { $0.rawValue.lowercased() }.first { contains($0) } ?? ""
    }

    fileprivate func replacing(_ word: String, with other: String) -> String {
        guard hasSuffix(word) else { return self }
        return String(dropLast(word.count)) + other
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// How one partner wants its CNM-S.
public struct MessageProfile: Sendable, Hashable {
    /// How the collection is written.
    public enum CollectionForm: String, Sendable, Hashable, CaseIterable, Codable {
        /// `"collection": "NAME"`: what every receiver accepts.
        case string
        /// `"collection": {"name": …, "version": …}`: from CNM 1.6.1 on.
        case object
    }
    /// Which checksum of a file is sent.
    public enum ChecksumChoice: String, Sendable, Hashable, CaseIterable, Codable {
        /// Our own SHA-256 of the archived bytes.
        case sha256
        /// The one that the file's own provider gave and that held, where CNM has a word for it; else SHA-256.
        case provided
    }
    /// The versions of CNM that can be written.
    public static let versions = ["1.0", "1.1", "1.2", "1.3", "1.4", "1.4.1", "1.5", "1.5.1", "1.6.0", "1.6.1"]
    static let newest = "1.6.1"

    /// Where the partner fetches files: the archive's root as an absolute URI, `file:///archive`, `s3://bucket/prefix`,
    /// `https://host/path`. The file's archive path is appended to it.
    public var uriBase: String
    /// Of the CNM. Default 1.6.1.
    public var version: String
    public var collectionForm: CollectionForm
    /// The partner's names for our collections, where they differ.
    public var collections: [CollectionID: CollectionID]
    public var checksum: ChecksumChoice
    /// Who we are to the partner. By default the granule's own provider.
    public var provider: String?
    /// Text that partners log and, by agreement, route by. By default none.
    public var trace: String?
    /// The most bytes a message may have. Default 256 KiB, what SNS and classic SQS carry.
    public var maximumBytes: Int

    public init(uriBase: String) {
        self.uriBase = uriBase
        version = Self.newest
        collectionForm = .string
        collections = [:]
        checksum = .sha256
        maximumBytes = 256 << 10
    }

    func validate() -> [String] {
        var faults: [String] = []
        if !Self.versions.contains(version) {
            faults.append("CNM version \(version) is not one of \(Self.versions.joined(separator: ", ")).")
        }
        if collectionForm == .object, version != Self.newest {
            faults.append("A collection is written as an object from CNM \(Self.newest) on, not in \(version).")
        }
        if ResourceURI(parsing: uriBase) == nil {
            faults.append("`uriBase` is \(uriBase); an absolute URI is needed, for example file:///archive.")
        }
        if maximumBytes < 1 { faults.append("`maximumBytes` is \(maximumBytes); it must be 1 or more.") }
        return faults
    }
}

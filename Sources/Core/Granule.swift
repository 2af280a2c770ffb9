// SPDX-License-Identifier: Apache-2.0

/// A set of like granules: short name and version, as archives know it.
public struct CollectionID: Sendable, Hashable, Codable {
    public var name: String
    public var version: String

    public init(name: String, version: String) {
        self.name = name
        self.version = version
    }
}

extension CollectionID: CustomStringConvertible {
    /// `NAME.VERSION`, the form of tables and pages.
    public var description: String { "\(name).\(version)" }
}

/// The unit that we account for: a named set of files of one collection, in one revision.
public struct GranuleID: Sendable, Hashable, Codable {
    public var collection: CollectionID
    public var name: String
    /// 1 for the first archived; a resend with other bytes makes the next one, where the collection's policy allows it.
    public var revision: Int

    public init(collection: CollectionID, name: String, revision: Int = 1) {
        self.collection = collection
        self.name = name
        self.revision = revision
    }
}

extension GranuleID: CustomStringConvertible {
    /// `NAME.VERSION/granule`, with `#2` from the second revision on.
    public var description: String { "\(collection)/\(name)" + (revision == 1 ? "" : "#\(revision)") }
}

/// What a file is to its granule, in CNM's words.
public enum FileType: String, Sendable, Hashable, CaseIterable, Codable {
    case data, browse, metadata, ancillary, linkage
}

/// Why a granule was made, in CNM's words (`product.dataProcessingType`).
public enum ProcessingType: String, Sendable, Hashable, CaseIterable, Codable {
    case forward, reprocessing
}

/// How we knew that a file was finished, best first.
public enum Readiness: String, Sendable, Hashable, CaseIterable, Codable {
    /// A manifest or message names it with size or checksum.
    case manifest
    /// It appeared by a rename into place, or its writer has ended: a job, never a mere close.
    case closed
    /// It stayed unchanged for the settling window: all that the source offered.
    case inferred
}

/// Who says that the bytes are right.
public enum Verification: String, Sendable, Hashable, CaseIterable, Codable {
    /// Every byte was read and agrees with the provider's checksum.
    case provider
    /// The provider offered none; the checksum is our own. Never reported as "verified".
    case own = "self"
}

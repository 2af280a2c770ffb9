// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// What we know of one collection: how its files are called, which of them a granule needs, and what is done with them.
public struct Collection: Sendable {
    public var id: CollectionID
    /// Who provides it, as messages name them.
    public var provider: String
    public var files: [FileRule]
    /// Where its files lie in the archive.
    public var archivePath: PathTemplate
    public var checksums: ChecksumPolicy
    public var conflicts: ConflictPolicy
    /// How long a granule waits for required files and promised checksums before that is an operator's matter.
    public var wait: Duration
    public var processingType: ProcessingType
    /// Names with the granule that they must give; `granary check` tries them.
    public var examples: [NameExample]

    public init(
        id: CollectionID, provider: String, files: [FileRule], archivePath: PathTemplate = .standard,
        checksums: ChecksumPolicy = .require, conflicts: ConflictPolicy = .error, wait: Duration = .seconds(3600),
        processingType: ProcessingType = .forward, examples: [NameExample] = []
    ) {
        self.id = id
        self.provider = provider
        self.files = files
        self.archivePath = archivePath
        self.checksums = checksums
        self.conflicts = conflicts
        self.wait = wait
        self.processingType = processingType
        self.examples = examples
    }
}

/// One kind of file of a granule.
///
/// The pattern matches whole file names. Its group `granule` names the granule; `start` and `end` (or `date`) give the
/// time that it observed; all groups may be used in the archive path.
public struct FileRule: Sendable {
    public var pattern: Pattern
    public var type: FileType
    public var isRequired: Bool

    public init(pattern: Pattern, type: FileType, isRequired: Bool = true) {
        self.pattern = pattern
        self.type = type
        self.isRequired = isRequired
    }
}

/// A name and the granule that it must be recognised as.
public struct NameExample: Sendable, Hashable {
    public var name: String
    public var granule: String

    public init(name: String, granule: String) {
        self.name = name
        self.granule = granule
    }
}

/// What to do with a file for which nobody offered a checksum.
public enum ChecksumPolicy: String, Sendable, Hashable, CaseIterable, Codable {
    /// It waits for one, and is set aside when none has come in time.
    case require
    /// It is archived under our own checksum, and recorded as `self`, never as verified.
    case compute
}

/// What to do with other bytes under the identity of a granule that is archived already. Never a silent overwrite.
public enum ConflictPolicy: String, Sendable, Hashable, CaseIterable, Codable {
    /// Set it aside for an operator.
    case error
    /// Leave it, with a record that it was seen.
    case skip
    /// Archive it as the next revision; both stay current.
    case version
    /// Archive it as the next revision; the earlier one is superseded, its files stay.
    case replace
}

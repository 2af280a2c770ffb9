// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// The way into the archive, for everything that has files: watchers, jobs with outputs, notifications of partners.
///
/// Ingest implements it; the others are handed it, so that there is one way in and no arrow between the verbs.
public protocol GranuleIntake: Sendable {
    /// The granules that the collections' naming patterns make of file names; names that none of them knows are left
    /// over.
    func recognize(_ names: [BytePath]) throws -> Recognition

    /// Verifies, archives and records each offer, all files of a granule or none, and gives one verdict for each, in
    /// order.
    ///
    /// `alongside` runs in the transaction that records the verdicts: what it writes is committed with them or not at
    /// all, and when it throws nothing is recorded. Taking an offer again after a crash ends in the same place.
    func take(
        _ offers: [GranuleOffer], mode: IntakeMode,
        alongside: @escaping @Sendable (any SQLSession, [GranuleVerdict]) throws -> Void
    ) async throws -> [GranuleVerdict]
}

/// Whether offers that are taken together stand and fall together.
public enum IntakeMode: Sendable, Hashable {
    /// Each granule by itself: what arrives at a staging area.
    case eachByItself
    /// Nothing is archived unless every offer can be: the outputs of one job.
    case allOrNone
}

/// File names sorted into granules.
public struct Recognition: Sendable, Hashable {
    public struct Member: Sendable, Hashable {
        public var name: BytePath
        public var type: FileType
    }
    public struct Group: Sendable, Hashable {
        public var collection: CollectionID
        public var granule: String
        public var members: [Member]
        public var sensedStart: Timestamp?
        public var sensedEnd: Timestamp?
        /// The collection's required kinds of file that no name is.
        public var missing: [String]

        public init(collection: CollectionID, granule: String) {
            self.collection = collection
            self.granule = granule
            members = []
            missing = []
        }
    }
    public var groups: [Group]
    public var leftOver: [BytePath]

    public init(groups: [Group], leftOver: [BytePath]) {
        self.groups = groups
        self.leftOver = leftOver
    }
}

extension Recognition.Member {
    public init(_ name: BytePath, _ type: FileType) {
        self.name = name
        self.type = type
    }
}

/// Files that are said to make up one granule.
public struct GranuleOffer: Sendable {
    /// The arrivals' source: a watcher's name, `job/<process>`, `cnm/<watcher>`.
    public var source: String
    public var store: any Store
    public var collection: CollectionID
    public var granule: String
    public var provider: String
    public var files: [OfferedFile]
    public var readiness: Readiness
    public var processingType: ProcessingType
    /// The job that made it.
    public var jobID: Int64?
    public var sensedStart: Timestamp?
    public var sensedEnd: Timestamp?
    public var footprint: Footprint?
    /// A JSON object as text.
    public var metadata: String
    public var settledAt: Timestamp

    public init(
        source: String, store: any Store, collection: CollectionID, granule: String, provider: String,
        files: [OfferedFile], readiness: Readiness, processingType: ProcessingType = .forward, settledAt: Timestamp
    ) {
        self.source = source
        self.store = store
        self.collection = collection
        self.granule = granule
        self.provider = provider
        self.files = files
        self.readiness = readiness
        self.processingType = processingType
        self.settledAt = settledAt
        metadata = "{}"
    }
}

/// One file of an offer.
public struct OfferedFile: Sendable, Hashable {
    /// What was seen: path, size and generation at the offer's store.
    public var entry: StoreEntry
    /// The name it has in its granule; a key or a path may be called differently.
    public var name: BytePath
    public var type: FileType
    /// What the provider says of its bytes; all of it must hold.
    public var checksums: [Checksum]
    public var size: Int64?
    /// The arrival's row, where it was recorded before.
    public var arrivalID: Int64?

    /// True when somebody other than us says what its bytes must be: its provider, or the store that it comes from.
    public var isVouched: Bool { !checksums.isEmpty || entry.isVouched }

    public init(
        entry: StoreEntry, name: BytePath, type: FileType, checksums: [Checksum] = [], size: Int64? = nil,
        arrivalID: Int64? = nil
    ) {
        self.entry = entry
        self.name = name
        self.type = type
        self.checksums = checksums
        self.size = size
        self.arrivalID = arrivalID
    }
}

/// What became of an offer.
public enum GranuleVerdict: Sendable {
    /// Archived as this granule.
    case archived(Int64)
    /// The archive holds these very bytes already, as this granule.
    case duplicate(of: Int64)
    /// Set aside; nothing of it was archived.
    case quarantined(GranaryError)
    /// Nothing was decided: the source changed or a store failed. Try again later.
    case postponed(GranaryError)
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// One observed generation of one path at one source: a row of `arrival`.
public struct ArrivalRecord: Sendable, Hashable, Identifiable {
    public var id: Int64
    public var source: String
    public var path: BytePath
    public var generation: String
    public var size: Int64
    public var state: ArrivalState
    /// What its name says it belongs to; nil when no collection knows the name.
    public var collection: CollectionID?
    public var granule: String?
    public var granuleID: Int64?
    public var fileName: BytePath?
    public var fileType: FileType?
    public var readiness: Readiness?
    public var availableAt: Timestamp
    public var observedAt: Timestamp
    /// Looks that found it unchanged, the first included; only looks far enough apart count.
    public var looks: Int
    public var settledAt: Timestamp?
    public var endedAt: Timestamp?
    /// Why it is where it is, where that needs saying: always for quarantined, rejected, ignored and vanished.
    public var reasonCode: String?
    public var reason: String?
    /// What the operator can do.
    public var remedy: String?
    /// The operator who accepted its bytes as they are, whatever was promised of them.
    public var acceptedBy: String?
    /// True when the store that it lies in keeps a checksum of it and states it as it sends the bytes.
    public var isVouched: Bool

    public init(row: SQLRow) throws {
        id = try row.int64("id")
        source = try row.text("source")
        path = try row.path("path")
        generation = try row.text("generation")
        size = try row.int64("size")
        state = try row.word("state")
        if let name = try row.optionalText("collection") {
            collection = CollectionID(name: name, version: try row.text("version"))
        }
        granule = try row.optionalText("granule")
        granuleID = try row.optionalInt64("granule_id")
        fileName = try row.optionalBytes("file_name").map { BytePath($0) }
        fileType = try row.optionalWord("file_type")
        readiness = try row.optionalWord("readiness")
        availableAt = try row.time("available_at")
        observedAt = try row.time("observed_at")
        looks = try row.int("looks")
        settledAt = try row.optionalTime("settled_at")
        endedAt = try row.optionalTime("ended_at")
        reasonCode = try row.optionalText("reason_code")
        reason = try row.optionalText("reason")
        remedy = try row.optionalText("remedy")
        acceptedBy = try row.optionalText("accepted_by")
        isVouched = try row.int("is_vouched") != 0
    }
}

/// What its name says of an entry, as far as the collections know it.
public struct ArrivalIdentity: Sendable, Hashable {
    public var collection: CollectionID
    public var granule: String
    /// The name it has in its granule.
    public var fileName: BytePath
    public var fileType: FileType

    public init(collection: CollectionID, granule: String, fileName: BytePath, fileType: FileType) {
        self.collection = collection
        self.granule = granule
        self.fileName = fileName
        self.fileType = fileType
    }
}

extension SQLSession {
    /// Records that an entry was seen. Nil when this very generation is known already.
    ///
    /// - Parameters:
    ///   - steady: the moment on the scale of due times, from which looks are counted.
    ///   - readiness: how we know that it is finished; nil when it has to settle yet.
    public func insertArrival(
        source: String, entry: StoreEntry, identity: ArrivalIdentity?, at moment: Timestamp, steady: Timestamp,
        readiness: Readiness? = nil, by actor: String
    ) throws -> Int64? {
        let id = try insert(
            """
            INSERT INTO arrival (source, path, generation, size, state, collection, version, granule, file_name,
                file_type, available_at, observed_at, looked_at, is_vouched, settled_at, readiness)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source, path, generation) DO NOTHING RETURNING id
            """,
            [
                source, entry.path, entry.generation, entry.size, ArrivalState.observed, identity?.collection.name,
                identity?.collection.version, identity?.granule, identity?.fileName, identity?.fileType, entry.modified,
                moment, steady, entry.isVouched ? 1 : 0, readiness.map { _ in moment }, readiness,
            ])
        if let id {
            try born(.arrival, id, as: ArrivalState.observed, at: moment, because: Cause("observed", by: actor))
        }
        return id
    }

    public func arrival(_ id: Int64) throws -> ArrivalRecord? {
        try first("SELECT * FROM arrival WHERE id = ?", [id]).map(ArrivalRecord.init(row:))
    }

    public func arrivals(ofGranule id: Int64) throws -> [ArrivalRecord] {
        try query("SELECT * FROM arrival WHERE granule_id = ? ORDER BY id", [id]).map(ArrivalRecord.init(row:))
    }
}

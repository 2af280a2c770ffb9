// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// One revision of a granule: a row of `granule`.
public struct GranuleRecord: Sendable, Hashable, Identifiable {
    public var id: Int64
    public var identity: GranuleID
    public var state: GranuleState
    public var provider: String
    public var processingType: ProcessingType
    public var readiness: Readiness
    public var verification: Verification?
    /// The job that made it, for a product of our own.
    public var jobID: Int64?
    public var sensedStart: Timestamp?
    public var sensedEnd: Timestamp?
    public var footprint: Footprint?
    /// What is known about it, as JSON text.
    public var metadata: String
    /// What is still missing, as a JSON list of the collection's kinds of file.
    public var missing: String
    public var deadlineAt: Timestamp?
    public var availableAt: Timestamp?
    public var observedAt: Timestamp
    public var settledAt: Timestamp?
    public var verifiedAt: Timestamp?
    public var archivedAt: Timestamp?
    public var reasonCode: String?
    public var reason: String?

    public init(row: SQLRow) throws {
        id = try row.int64("id")
        identity = GranuleID(
            collection: CollectionID(name: try row.text("collection"), version: try row.text("version")),
            name: try row.text("name"), revision: try row.int("revision"))
        state = try row.word("state")
        provider = try row.text("provider")
        processingType = try row.word("processing_type")
        readiness = try row.word("readiness")
        verification = try row.optionalWord("verification")
        jobID = try row.optionalInt64("job_id")
        sensedStart = try row.optionalTime("sensed_start")
        sensedEnd = try row.optionalTime("sensed_end")
        footprint = try Footprint(row: row)
        metadata = try row.text("metadata")
        missing = try row.text("missing")
        deadlineAt = try row.optionalTime("deadline_at")
        availableAt = try row.optionalTime("available_at")
        observedAt = try row.time("observed_at")
        settledAt = try row.optionalTime("settled_at")
        verifiedAt = try row.optionalTime("verified_at")
        archivedAt = try row.optionalTime("archived_at")
        reasonCode = try row.optionalText("reason_code")
        reason = try row.optionalText("reason")
    }
}

/// The box around what a granule covers, in degrees. West is greater than east when it crosses the antimeridian.
public struct Footprint: Sendable, Hashable, Codable {
    public var west: Double
    public var south: Double
    public var east: Double
    public var north: Double

    public init(west: Double, south: Double, east: Double, north: Double) {
        (self.west, self.south, self.east, self.north) = (west, south, east, north)
    }

    fileprivate init?(row: SQLRow) throws {
        guard case .real(let west) = row["west"], case .real(let south) = row["south"],
            case .real(let east) = row["east"], case .real(let north) = row["north"]
        else { return nil }
        self.init(west: west, south: south, east: east, north: north)
    }
}

extension SQLSession {
    public func granule(_ id: Int64) throws -> GranuleRecord? {
        try first("SELECT * FROM granule WHERE id = ?", [id]).map(GranuleRecord.init(row:))
    }

    /// All revisions of one granule, oldest first.
    public func revisions(of identity: GranuleID) throws -> [GranuleRecord] {
        try query(
            "SELECT * FROM granule WHERE collection = ? AND version = ? AND name = ? ORDER BY revision",
            [identity.collection.name, identity.collection.version, identity.name]
        ).map(GranuleRecord.init(row:))
    }
}

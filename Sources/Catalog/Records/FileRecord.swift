// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// One archived file of a granule: a row of `file`.
public struct FileRecord: Sendable, Hashable, Identifiable {
    public var id: Int64
    public var granuleID: Int64
    public var arrivalID: Int64?
    public var name: BytePath
    public var type: FileType
    /// In bytes.
    public var size: Int64
    public var archivePath: BytePath
    /// Of the bytes that lie in the archive, by our own reading.
    public var sha256: Checksum
    /// What the provider promised and the bytes kept; nil when it promised nothing.
    public var providedChecksum: Checksum?
    public var verification: Verification

    public init(row: SQLRow) throws {
        id = try row.int64("id")
        granuleID = try row.int64("granule_id")
        arrivalID = try row.optionalInt64("arrival_id")
        name = try row.path("name")
        type = try row.word("type")
        size = try row.int64("size")
        archivePath = try row.path("archive_path")
        sha256 = try row.checksum("sha256")
        providedChecksum = try row.optionalText("provided_checksum").flatMap { Checksum($0) }
        verification = try row.word("verification")
    }
}

extension SQLRow {
    public func checksum(_ name: String) throws -> Checksum {
        let text = try text(name)
        guard let checksum = Checksum(text) else {
            throw GranaryError(
                .catalogFailed, "Column \(name) holds \(text), which is no checksum.", subject: name,
                remedy: "Run `granary check catalog`.")
        }
        return checksum
    }
}

extension SQLSession {
    public func files(ofGranule id: Int64) throws -> [FileRecord] {
        try query("SELECT * FROM file WHERE granule_id = ? ORDER BY id", [id]).map(FileRecord.init(row:))
    }
}

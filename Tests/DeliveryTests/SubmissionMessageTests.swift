// SPDX-License-Identifier: Apache-2.0
import GranaryCatalog
import GranaryCore
import Testing

@testable import GranaryDelivery

@Suite struct SubmissionMessageTests {
    let schemas: MessageSchemas

    init() throws { schemas = try Site.schemas() }

    private func compose(
        file: BytePath = "G1.nc", provided: Checksum? = nil, _ change: (inout Destination) -> Void = { _ in }
    ) throws -> JSONValue {
        var destination = Destination(name: "daac", profile: MessageProfile(uriBase: "file:///archive/"))
        change(&destination)
        #expect(destination.validate() == [])
        let message = SubmissionMessage(
            granule: try .sample(), files: [try .sample(file, provided: provided)], destination: destination,
            identifier: "4a5f", submissionTime: Timestamp(seconds: 1_767_225_600))
        return try JSONValue(parsing: message.bytes(schemas: schemas))
    }

    @Test("the message is these bytes")
    func exactBytes() throws {
        let checksum = Checksum(.sha256, of: Array("hello".utf8)).hex
        #expect(
            try compose { $0.profile.trace = "ops" }.text == """
                {"version":"1.6.1","provider":"JPL","collection":"SST","submissionTime":"2026-01-01T00:00:00.000000Z",\
                "identifier":"4a5f","trace":"ops","product":{"name":"G1","dataVersion":"1",\
                "dataProcessingType":"forward","files":[{"type":"data","uri":"file:///archive/SST/G1.nc",\
                "name":"G1.nc","checksumType":"SHA256","checksum":"\(checksum)","size":5}]}}
                """)
    }

    @Test("every version of CNM can be written", arguments: MessageProfile.versions)
    func versions(version: String) throws {
        let message = try compose { $0.profile.version = version }
        #expect(message["version"] == .string(version))
        #expect(message["collection"] == "SST")
    }

    @Test("the partner's own names of collections are used, in the form it wants")
    func collections() throws {
        let ours = CollectionID(name: "SST", version: "1")
        let message = try compose {
            $0.profile.collections = [ours: CollectionID(name: "SST_L2", version: "1.0")]
            $0.profile.collectionForm = .object
        }
        #expect(message["collection"] == ["name": "SST_L2", "version": "1.0"])
        #expect(message["product"]?["dataVersion"] == "1.0")
    }

    @Test("an object as collection needs 1.6.1, and an unknown version is refused")
    func invalidProfiles() {
        var destination = Destination(name: "", profile: MessageProfile(uriBase: "archive"))
        destination.profile.version = "1.5"
        destination.profile.collectionForm = .object
        let faults = destination.validate()
        #expect(faults.count == 4, "\(faults)")
        destination.filter = try? Filter(parsing: "quality > 1")
        #expect(destination.validate().count == 5)
        #expect(destination.validate(metadata: ["quality": .integer]).count == 5)
        destination.filter = try? Filter(parsing: "metadata.quality > 1")
        #expect(destination.validate(metadata: ["quality": .integer]).count == 4)
        destination.profile.version = "2"
        #expect(destination.validate().contains { $0.hasPrefix("CNM version 2 is not one of") })
    }

    @Test("the provider's own checksum is sent where the partner wants it and CNM has a word for it")
    func providedChecksum() throws {
        func sent(_ algorithm: Checksum.Algorithm) throws -> JSONValue? {
            let message = try compose(provided: Checksum(algorithm, of: [1])) { $0.profile.checksum = .provided }
            return message["product"]?["files"]?[0]?["checksumType"]
        }
        #expect(try sent(.md5) == "md5")
        for algorithm: Checksum.Algorithm in [.sha384, .crc32, .crc32c, .crc64nvme] {
            #expect(try sent(algorithm) == "SHA256")
        }
    }

    @Test("unusual bytes of a path are percent-encoded, and come back the same")
    func percentEncoding() throws {
        let message = try compose(file: "a b%é#?.nc")
        let uri = message["product"]?["files"]?[0]?["uri"]?.string
        #expect(uri == "file:///archive/SST/a%20b%25%C3%A9%23%3F.nc")
        #expect(uri.flatMap { ResourceURI(parsing: $0) }?.path == "archive/SST/a b%é#?.nc")
    }

    @Test("what JSON or the scheme cannot carry is an error before anything is sent")
    func uncarriable() {
        #expect(throws: GranaryError.self) { try compose(file: BytePath([0x66, 0xFF])) }
        #expect(throws: GranaryError.self) { try compose(file: "a b") { $0.profile.uriBase = "s3://bucket/prefix" } }
        #expect(throws: GranaryError.self) { try compose { $0.profile.maximumBytes = 100 } }
        #expect(throws: Never.self) { try compose { $0.profile.uriBase = "s3://bucket/prefix" } }
    }
}

extension GranuleRecord {
    static func sample(_ change: [String: SQLValue] = [:]) throws -> GranuleRecord {
        let null: [String] = [
            "job_id", "sensed_start", "sensed_end", "west", "south", "east", "north", "deadline_at", "available_at",
            "settled_at", "verified_at", "archived_at", "reason_code", "reason", "verification",
        ]
        let values: [String: SQLValue] = [
            "id": .integer(1), "collection": .text("SST"), "version": .text("1"), "name": .text("G1"),
            "revision": .integer(1), "state": .text("archived"), "provider": .text("JPL"),
            "processing_type": .text("forward"), "readiness": .text("manifest"), "metadata": .text("{}"),
            "missing": .text("[]"), "observed_at": .integer(0),
        ]
        let all = values.merging(null.map { ($0, .null) }) { first, _ in first }.merging(change) { $1 }
        return try GranuleRecord(row: SQLRow(columns: .init(Array(all.keys)), values: Array(all.values)))
    }
}

extension FileRecord {
    static func sample(_ name: BytePath, provided: Checksum? = nil) throws -> FileRecord {
        let values: [String: SQLValue] = [
            "id": .integer(1), "granule_id": .integer(1), "arrival_id": .null, "name": .bytes(name.bytes),
            "type": .text("data"), "size": .integer(5), "archive_path": .bytes(BytePath("SST").appending(name).bytes),
            "sha256": .text(Checksum(.sha256, of: Array("hello".utf8)).description),
            "provided_checksum": provided.map { .text($0.description) } ?? .null,
            "verification": .text(provided == nil ? "self" : "provider"),
        ]
        return try FileRecord(row: SQLRow(columns: .init(Array(values.keys)), values: Array(values.values)))
    }
}

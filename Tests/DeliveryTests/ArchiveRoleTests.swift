// SPDX-License-Identifier: Apache-2.0
import GranaryCatalog
import GranaryCore
import GranaryTesting
import Testing

@testable import GranaryDelivery

@Suite struct ArchiveRoleTests {
    let side: ArchiveSide

    init() throws {
        side = try ArchiveSide()
        side.staging.put("G1.nc", Array("hello".utf8))
    }

    private func announce(_ message: JSONValue, key: String = "m1") async throws -> [JSONValue] {
        side.announcements.put(message.bytes(), key: key)
        try await side.work()
        #expect(try await side.findings() == [])
        return try side.answered()
    }

    private func failure(_ message: JSONValue) async throws -> String? {
        let answers = try await announce(message)
        #expect(answers.count == 1)
        #expect(answers.first?["response"]?["status"] == "FAILURE")
        return answers.first?["response"]?["errorCode"]?.string
    }

    @Test("an announced product is archived and answered with what is archived")
    func success() async throws {
        side.clock.advance(by: .seconds(60))
        let answer = try #require(try await announce(announcement()).first)
        #expect(
            answer == [
                "version": "1.5.1", "provider": "JPL", "collection": "SST", "submissionTime": "2026-01-01T00:00:00Z",
                "receivedTime": .string(side.clock.now().description),
                "processCompleteTime": .string(side.clock.now().description), "identifier": "i1", "trace": "ops",
                "product": [
                    "name": "G1", "dataVersion": "1", "dataProcessingType": "reprocessing",
                    "files": [[
                        "type": "data", "uri": "file:///daac/SST/G1/G1.nc", "name": "G1.nc", "size": 5,
                        "checksumType": "md5", "checksum": .string(Checksum(.md5, of: Array("hello".utf8)).hex),
                    ]],
                ],
                "response": ["status": "SUCCESS", "ingestionMetadata": ["catalogId": "SST.1/G1"]],
            ])
        #expect(side.announcements.all.isEmpty)
        let granule = try await side.catalog.read { try $0.first("SELECT * FROM granule").map(GranuleRecord.init(row:)) }
        #expect(granule?.processingType == .reprocessing)
        #expect(granule?.readiness == .manifest)
    }

    @Test("what the partner did wrong is a VALIDATION_ERROR")
    func validation() async throws {
        #expect(try await failure(announcement { $0["checksum"] = .string(Checksum(.md5, of: [1]).hex) }) == "VALIDATION_ERROR")
    }

    @Test("a message with a fault is refused before any file is read", arguments: [
        announcement { $0["size"] = 6 }, announcement { $0["checksum"] = "unknown" }, announcement { $0["type"] = "qa" },
        announcement(name: "../../etc/passwd"), announcement(name: "a/b"), announcement(uri: "file:///etc/passwd"),
        announcement { $0["uri"] = nil }, announcement { $0["name"] = nil }, ["identifier": "i1"],
        ["identifier": "i1", "collection": "SST", "product": ["name": "G1", "files": []]],
        ["identifier": "i1", "collection": "SST", "product": ["name": "G1", "dataVersion": "1", "files": []]],
        ["identifier": "i1", "product": ["name": "G1", "dataVersion": "1"]],
    ])
    func invalid(message: JSONValue) async throws {
        #expect(try await failure(message) == "VALIDATION_ERROR")
        #expect(try side.answered().first?["identifier"] == "i1")
    }

    @Test("a file that is not there is a TRANSFER_ERROR, and a resend after it came is a SUCCESS")
    func missingThenMended() async throws {
        side.staging.delete("G1.nc")
        #expect(try await failure(announcement()) == "TRANSFER_ERROR")
        side.staging.put("G1.nc", Array("hello".utf8))
        // The same key and the same bytes, as a message box or a FIFO queue shows a resend.
        let answers = try await announce(announcement())
        #expect(answers.map { $0["response"]?["status"] } == ["FAILURE", "SUCCESS"])
    }

    @Test("a redelivered or resent announcement is answered with the same bytes, and no file is read again")
    func answeredAgain() async throws {
        _ = try await announce(announcement())
        let first = try #require(side.answers.all.first?.body)
        for key in ["m1", "m2", "m1", "m3"] {
            for message in side.answers.all { try await side.answers.delete(message) }
            side.clock.advance(by: .seconds(60))
            _ = try await announce(announcement(), key: key)
            #expect(side.answers.all.map(\.body) == [first], "\(key)")
        }
        #expect(side.intake.offersTaken == 1)
    }

    @Test("the same product under another identifier is a SUCCESS too")
    func duplicateProduct() async throws {
        _ = try await announce(announcement())
        let answers = try await announce(announcement(identifier: "i2"), key: "m2")
        #expect(answers.map { $0["response"]?["status"] } == ["SUCCESS", "SUCCESS"])
        #expect(answers.map { $0["identifier"] } == ["i1", "i2"])
        #expect(try await side.catalog.read { try $0.count("SELECT COUNT(*) AS n FROM granule") } == 1)
    }

    @Test("what passes by itself is waited out, and answered with a TRANSFER_ERROR at last")
    func postponed() async throws {
        side.intake.postponeNext(1)
        #expect(try await announce(announcement()).isEmpty)
        side.clock.advance(by: .seconds(2))
        try await side.work()
        #expect(try side.answered().map { $0["response"]?["status"] } == ["SUCCESS"])
        side.intake.postponeNext(2)
        side.announcements.put(announcement(identifier: "i2").bytes(), key: "m2")
        try await side.work()
        side.clock.advance(by: .seconds(2))
        try await side.work()
        #expect(try side.answered().last?["response"]?["errorCode"] == "TRANSFER_ERROR")
    }

    @Test("an unreachable source is tried again")
    func unreachable() async throws {
        side.staging.faults.failNext(.entry, with: .planned())
        #expect(try await announce(announcement()).isEmpty)
        side.clock.advance(by: .seconds(2))
        try await side.work()
        #expect(try side.answered().map { $0["response"]?["status"] } == ["SUCCESS"])
    }

    @Test("an unreadable message is answered with its beginning, under the identifier of last hope")
    func unreadable() async throws {
        side.announcements.put(Array("{\"product\": ".utf8), key: "m-77")
        try await side.work()
        let answer = try #require(try side.answered().first)
        #expect(answer["identifier"] == "m-77")
        #expect(answer["response"]?["errorCode"] == "VALIDATION_ERROR")
        #expect(answer["response"]?["errorMessage"]?.string?.contains("{\\\"product\\\": ") == true)
    }

    @Test("an answer or a notice in the announcements' queue is left alone", arguments: [
        "{\"identifier\":\"i\",\"response\":{\"status\":\"SUCCESS\"}}", "{\"Event\":\"s3:TestEvent\"}",
    ])
    func notAnswered(text: String) async throws {
        side.announcements.put(Array(text.utf8), key: "m1")
        try await side.work()
        #expect(side.answers.all.isEmpty)
        #expect(try await side.findings() == [])
    }

    @Test("an answer that cannot be sent is sent later, with the same bytes")
    func answerFails() async throws {
        side.answers.faults.failNext(.publish, with: .planned())
        #expect(try await announce(announcement()).isEmpty)
        side.clock.advance(by: .seconds(2))
        try await side.answer()
        #expect(try side.answered().count == 1)
    }

    @Test("dangerous and careless URIs are refused without a look at any store", arguments: hostileURIs)
    func hostile(uri: String) async throws {
        #expect(throws: GranaryError.self) { try side.role.sources.resolve(uri) }
    }

    @Test("the nearest of the allowed places is taken")
    func allowedPlaces() throws {
        let (wide, narrow) = (MemoryStore(location: "wide"), MemoryStore(location: "narrow"))
        let sources = try AllowedSources([("s3://bucket", wide), ("s3://bucket/deep/", narrow), ("file:///", wide)])
        func found(_ uri: String) throws -> [String] {
            let place = try sources.resolve(uri)
            return [place.store.location, place.path.description]
        }
        #expect(try found("s3://bucket/a/b") == ["wide", "a/b"])
        #expect(try found("S3://bucket/deep/b%20c") == ["narrow", "b%20c"])
        #expect(try found("s3://bucket/deeper") == ["wide", "deeper"])
        #expect(try found("file:///a%20b") == ["wide", "a b"])
        #expect(throws: GranaryError.self) { try AllowedSources([("/archive", wide)]) }
    }
}

/// Ways to make an archive fetch what it must not.
let hostileURIs = [
    "", "G1.nc", "/archive/G1.nc", "file:/archive/G1.nc", "file://archive/G1.nc", "file://localhost/archive/G1.nc",
    "file:///archive", "file:///archive/", "file:///archive//G1.nc", "file:///archive/./G1.nc",
    "file:///archive/../etc/passwd", "file:///archive/%2e%2e/etc/passwd", "file:///archive/a/..%2f..%2fetc",
    "file:///archive/%00", "file:///archive/G1.nc%", "file:///archive/G1.nc%zz", "file:///archive/a b",
    "file:///archive/a\nb", "file:///archive/a\\..\\b", "file:///archive/G1.nc?x=1", "file:///archive/G1.nc#x",
    "file:///archived/G1.nc", "file:///ARCHIVE/G1.nc", "file:///etc/passwd", "file:///proc/self/environ",
    "file://user@/archive/G1.nc", "file://127.0.0.1/archive/G1.nc", "FILE:////archive/G1.nc",
    "http://169.254.169.254/latest/meta-data/", "http://[::ffff:169.254.169.254]/", "http://[fd00:ec2::254]/",
    "http://2852039166/", "http://0xA9FEA9FE/", "http://0251.0376.0251.0376/", "http://169.254.43518/",
    "http://localhost/", "http://127.0.0.1:22/", "http://127.1/", "http://0/", "http://[::1]/", "http://[::]/",
    "http://10.0.0.1/", "http://192.168.0.1/", "http://172.16.0.1/", "http://metadata.google.internal/",
    "https://archive/G1.nc", "https://user:secret@archive/G1.nc", "https://archive:8443/G1.nc",
    "gopher://127.0.0.1:6379/_FLUSHALL", "dict://127.0.0.1:11211/stat", "ftp://archive/G1.nc", "sftp://archive/G1.nc",
    "tftp://archive/G1.nc", "ldap://archive/", "jar:file:///archive/G1.nc", "data:text/plain,hello",
    "javascript:alert(1)", "s3://other-tenant/G1.nc", "s3:///archive/G1.nc", "s3://archive", "as4://archive/G1.nc",
    "://archive/G1.nc", "1file:///archive/G1.nc", "file:///archive/G1.nc\u{7F}",
]

// SPDX-License-Identifier: Apache-2.0
import GranaryCatalog
import GranaryCore
import GranaryTesting

@testable import GranaryDelivery

/// Granary on the archive's side, with a queue to it and a queue back.
final class ArchiveSide: Sendable {
    let clock: ManualClock
    let temporary: TemporaryCatalog
    let schemas: MessageSchemas
    let staging: MemoryStore
    let intake: PlainIntake
    let announcements: MemoryMessageQueue
    let answers: MemoryMessageQueue
    let role: ArchiveRole

    var catalog: Catalog { temporary.catalog }

    init(
        clock: ManualClock = ManualClock(), announcements: MemoryMessageQueue? = nil, answers: MemoryMessageQueue? = nil
    ) throws {
        self.clock = clock
        temporary = try TemporaryCatalog(clock: clock)
        schemas = try Site.schemas()
        staging = MemoryStore(location: "file:///archive", clock: clock)
        intake = PlainIntake(catalog: temporary.catalog, archive: MemoryStore(clock: clock))
        self.announcements = announcements ?? MemoryMessageQueue(clock: clock)
        self.answers = answers ?? MemoryMessageQueue(clock: clock)
        var role = ArchiveRole(
            name: "daac", uriBase: "file:///daac", sources: try AllowedSources([("file:///archive", staging)]))
        role.retry = RetryPolicy(attempts: 2)
        self.role = role
    }

    func watch() async throws {
        while try await NotificationWatcher(name: "daac", receiver: announcements, catalog: catalog).watchOnce() > 0 {}
    }

    func take() async throws {
        let taker = NotificationTaker(catalog: catalog, roles: [role], intake: intake, schemas: schemas)
        while try await taker.takeOnce() > 0 {}
    }

    func answer() async throws {
        while try await AnswerSender(catalog: catalog, publishers: ["daac": answers]).answerOnce() > 0 {}
    }

    func work() async throws {
        try await watch()
        try await take()
        try await answer()
    }

    /// The answers in the queue, read back; each must fit our own schema.
    func answered() throws -> [JSONValue] {
        try answers.all.map { message in
            let answer = try JSONValue(parsing: message.body)
            try schemas.response.require(answer, named: "answer")
            return answer
        }
    }

    func findings() async throws -> [String] {
        try await CatalogCheck().findings(in: catalog).map { "\($0.rule) \($0.subject): \($0.sentence)" }
    }
}

/// A CNM-S of one file with the content "hello".
func announcement(
    identifier: String = "i1", uri: String = "file:///archive/G1.nc", name: String = "G1.nc",
    change: (inout JSONObject) -> Void = { _ in }
) -> JSONValue {
    var file: JSONObject = [
        "type": "data", "uri": .string(uri), "name": .string(name), "size": 5, "checksumType": "md5",
        "checksum": .string(Checksum(.md5, of: Array("hello".utf8)).hex),
    ]
    change(&file)
    return [
        "version": "1.5.1", "provider": "JPL", "collection": "SST", "submissionTime": "2026-01-01T00:00:00Z",
        "identifier": .string(identifier), "trace": "ops",
        "product": [
            "name": "G1", "dataVersion": "1", "dataProcessingType": "reprocessing", "files": [.object(file)],
        ],
    ]
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import GranaryCatalog
import GranaryCore
import GranaryTesting

@testable import GranaryDelivery

/// A sender with a ledger, one partner and the queues between them; fresh for each test.
final class Site: Sendable {
    let clock = ManualClock()
    let temporary: TemporaryCatalog
    let schemas: MessageSchemas
    let outbox: MemoryMessageQueue
    let answers: MemoryMessageQueue
    let destination: Destination

    var catalog: Catalog { temporary.catalog }

    init(_ change: (inout Destination) -> Void = { _ in }) throws {
        temporary = try TemporaryCatalog(clock: clock)
        schemas = try Site.schemas()
        outbox = MemoryMessageQueue(clock: clock)
        answers = MemoryMessageQueue(clock: clock)
        var destination = Destination(name: "daac", profile: MessageProfile(uriBase: "file:///archive"))
        change(&destination)
        self.destination = destination
    }

    static func schemas() throws -> MessageSchemas {
        try MessageSchemas(
            submission: Files.json("schemas/cnm/submission-1.6.1.json"),
            response: Files.json("schemas/cnm/response-1.6.1.json"))
    }

    func reaction(seed: UInt64 = 7) -> DeliveryReaction {
        DeliveryReaction(
            destinations: [destination], schemas: schemas, steady: catalog.steady,
            randomness: SeededRandomness(seed: seed))
    }

    // Services are made anew for each call, as after a restart.
    func send(_ publisher: (any MessagePublisher)? = nil) async throws {
        let route = DestinationRoute(destination, publisher: publisher ?? outbox)
        try await SubmissionSender(catalog: catalog, routes: [route]).sendOnce()
    }

    func receive() async throws {
        let name = destination.responseSource
        while try await ResponseReceiver(name: name, receiver: answers, catalog: catalog).receiveOnce() > 0 {}
    }

    func reconcile() async throws {
        while try await ResponseReconciler(catalog: catalog, destinations: [destination]).reconcileOnce() > 0 {}
    }

    func sweep() async throws { try await OverdueSweep(catalog: catalog, destinations: [destination]).sweepOnce() }

    func desk() -> DeliveryDesk { DeliveryDesk(catalog: catalog, destinations: [destination], schemas: schemas) }

    /// Archives a granule of one file, and lets the reaction see it. Returns the submission, if there is one.
    @discardableResult
    func archive(_ name: String = "G1", file: BytePath = "G1.nc", revision: Int = 1, seed: UInt64 = 7) async throws
        -> SubmissionRecord?
    {
        let reaction = reaction(seed: seed)
        let now = clock.now()
        return try await catalog.write { session in
            let id = try session.insertGranule(name, file: file, revision: revision, at: now)
            guard let granule = try session.granule(id) else { return nil }
            try reaction.granuleArchived(granule, files: session.files(ofGranule: id), in: session, at: now)
            return try session.submission(ofGranule: id)
        }
    }

    func submission(_ id: Int64) async throws -> SubmissionRecord? {
        try await catalog.read { try $0.submission(id) }
    }

    func state(_ submission: SubmissionRecord?) async throws -> SubmissionState? {
        guard let submission else { return nil }
        return try await self.submission(submission.id)?.state
    }

    func answer(_ body: JSONValue, key: String = UUID().uuidString) { answers.put(body.bytes(), key: key) }

    /// Puts an answer through receiver and reconciler.
    func settle(_ body: JSONValue) async throws {
        answer(body)
        try await receive()
        try await reconcile()
    }

    func verdicts() async throws -> [String] {
        try await catalog.read { try $0.query("SELECT verdict FROM response ORDER BY id").map { try $0.text("verdict") } }
    }

    func events(_ cause: String) async throws -> Int {
        try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM event WHERE cause = ?", [cause]) }
    }

    func findings() async throws -> [String] {
        try await CatalogCheck().findings(in: catalog).map { "\($0.rule) \($0.subject): \($0.sentence)" }
    }
}

extension SubmissionRecord {
    /// An answer to this submission as a partner writes it.
    func response(_ status: String, code: String? = nil, completed: String = "2026-01-01T00:10:00Z") -> JSONValue {
        var response: JSONObject = ["status": .string(status)]
        response["errorCode"] = code.map(JSONValue.string)
        return [
            "version": "1.6.1", "collection": "SST", "identifier": .string(identifier),
            "submissionTime": "2026-01-01T00:00:00Z", "receivedTime": "2026-01-01T00:05:00Z",
            "processCompleteTime": .string(completed), "response": .object(response),
        ]
    }
}

extension SQLSession {
    func insertGranule(
        _ name: String, file: BytePath, revision: Int = 1, collection: CollectionID = .init(name: "SST", version: "1"),
        at moment: Timestamp
    ) throws -> Int64 {
        let id = try insert(
            """
            INSERT INTO granule (collection, version, name, revision, state, provider, processing_type, readiness,
                verification, available_at, observed_at, settled_at, verified_at, archived_at)
            VALUES (?, ?, ?, ?, 'archived', 'JPL', 'forward', 'manifest', 'self', ?, ?, ?, ?, ?) RETURNING id
            """,
            [collection.name, collection.version, name, revision, moment, moment, moment, moment, moment])
        guard let id else { throw GranaryError(.catalogFailed, "no granule", remedy: "none") }
        try born(.granule, id, as: GranuleState.archived, at: moment, because: Cause("archived", by: "test"))
        try execute(
            """
            INSERT INTO file (granule_id, name, type, size, archive_path, sha256, verification)
            VALUES (?, ?, 'data', 5, ?, ?, 'self')
            """,
            [
                id, file, BytePath("\(collection.name)/\(revision)").appending(file),
                Checksum(.sha256, of: Array("hello".utf8)),
            ])
        return id
    }

    func submission(ofGranule id: Int64) throws -> SubmissionRecord? {
        try first("SELECT * FROM submission WHERE granule_id = ?", [id]).map(SubmissionRecord.init(row:))
    }
}

/// Files beside the tests: of the package, and public samples that lie beside it.
enum Files {
    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let samples = package.deletingLastPathComponent().appending(path: "shared/data/cnm/samples")
    static let hasSamples = FileManager.default.fileExists(atPath: samples.path)

    static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: Data(contentsOf: package.appending(path: path)))
    }

    static func sample(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: samples.appending(path: path)))
    }

    static func allSamples() -> [String] {
        let found = FileManager.default.enumerator(atPath: samples.path)?.compactMap { $0 as? String } ?? []
        return found.filter { $0.hasSuffix(".json") }.sorted()
    }
}

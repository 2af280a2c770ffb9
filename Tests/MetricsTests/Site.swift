// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryMetrics
import GranaryTesting

/// A catalog to fill by hand, row by row, with nothing but SQL between a test and what a report must say.
struct Site {
    let temporary: TemporaryCatalog
    var catalog: Catalog { temporary.catalog }

    init() throws { temporary = try TemporaryCatalog() }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> Value) async throws -> Value {
        try await catalog.write(body)
    }
}

struct MissingRow: Error {}

extension SQLSession {
    /// A granule; its archival time goes with its state.
    func addGranule(
        _ name: String, collection: String = "SENTINEL", state: GranuleState = .archived, observed: Timestamp,
        archived: Timestamp? = nil, job: Int64? = nil, missing: String = "[]", times: [String: Timestamp] = [:]
    ) throws -> Int64 {
        let isArchived = state == .archived || state == .superseded
        let names = times.keys.sorted()
        let id = try insert(
            """
            INSERT INTO granule (collection, version, name, state, provider, processing_type, readiness, verification,
                job_id, missing, observed_at, archived_at\(names.map { ", \($0)" }.joined()))
            VALUES (?, '001', ?, ?, 'P', 'forward', 'closed', ?, ?, ?, ?, ?\(names.map { _ in ", ?" }.joined()))
            RETURNING id
            """,
            [
                collection, name, state, isArchived ? Verification.provider : nil, job, missing, observed,
                isArchived ? archived ?? observed + .seconds(9) : nil,
            ] + names.map { times[$0] })
        guard let id else { throw MissingRow() }
        return id
    }

    /// An arrival, and with `archived` its file row, as ingest leaves them.
    @discardableResult
    func addArrival(
        _ path: BytePath, source: String = "north", state: ArrivalState = .archived, size: Int64 = 10,
        granule: Int64? = nil, observed: Timestamp, withFile: Bool = true, reason: String = "test"
    ) throws -> Int64 {
        let isOpen = ArrivalState.open.contains(state)
        let id = try insert(
            """
            INSERT INTO arrival (source, path, generation, size, state, granule_id, available_at, observed_at,
                looked_at, ended_at, reason_code, reason)
            VALUES (?, ?, 'g', ?, ?, ?, ?, ?, ?, ?, 'test', ?) RETURNING id
            """,
            [
                source, path, size, state, granule, observed, observed, observed, isOpen ? nil : observed,
                reason,
            ])
        guard let id else { throw MissingRow() }
        if state == .archived, withFile, let granule {
            try execute(
                """
                INSERT INTO file (granule_id, arrival_id, name, type, size, archive_path, sha256, verification)
                VALUES (?, ?, ?, 'data', ?, ?, 'SHA256:00', 'self')
                """, [granule, id, path, size, BytePath("\(source)/\(id)")])
        }
        return id
    }

    @discardableResult
    func addSubmission(
        of granule: Int64, to destination: String = "DAAC", state: SubmissionState = .acknowledged, attempts: Int64 = 1,
        created: Timestamp, code: String? = nil, times: [String: Timestamp] = [:]
    ) throws -> Int64 {
        var columns = ["sent_at": created, "due_at": created, "reconciled_at": created]
        columns.merge(times) { $1 }
        let names = columns.keys.sorted()
        let id = try insert(
            """
            INSERT INTO submission (granule_id, destination, identifier, state, body, attempts, created_at, error_code,
                \(names.joined(separator: ", ")))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, \(names.map { _ in "?" }.joined(separator: ", "))) RETURNING id
            """,
            [granule, destination, "\(destination)-\(granule)", state, [UInt8](), attempts, created, code]
                + names.map { columns[$0] })
        guard let id else { throw MissingRow() }
        return id
    }

    func addJob(accepted: Timestamp, started: Timestamp, ended: Timestamp) throws -> Int64 {
        let id = try insert(
            """
            INSERT INTO job (process, process_version, state, processing_type, accepted_at, started_at, ended_at)
            VALUES ('p', '1', 'successful', 'forward', ?, ?, ?) RETURNING id
            """, [accepted, started, ended])
        guard let id else { throw MissingRow() }
        return id
    }

    func addPromise(_ path: BytePath, source: String = "north", checksum: String = "md5:1", at moment: Timestamp) throws
    {
        try execute(
            "INSERT INTO promise (source, path, checksum, manifest, promised_at) VALUES (?, ?, ?, ?, ?)",
            [source, path, checksum, BytePath("list.md5"), moment])
    }
}

extension Period {
    static func testing(_ text: String) throws -> Period { try Period(parsing: text, now: Timestamp(seconds: 0)) }
}

func moment(_ text: String) throws -> Timestamp {
    guard let moment = Timestamp(parsing: text) else { throw MissingRow() }
    return moment
}

/// What an error says its code is; nil when nothing was thrown.
func code(of body: () async throws -> Void) async -> GranaryError.Code? {
    do {
        try await body()
        return nil
    } catch let error as GranaryError {
        return error.code
    } catch {
        return GranaryError.Code(rawValue: "\(error)")
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryTesting
import SystemPackage

struct MissingRow: Error {}

/// A home with a small ledger: two archived granules, a product made from one, a granule with a file set aside under a
/// hostile name, a failed job, and submissions in several states.
struct SampleHome {
    static let start = Timestamp(seconds: 1_795_000_000)
    /// Clears the screen, rings, and is no UTF-8 at its end.
    static let hostile = BytePath(Array("in/\u{1B}[2J\u{7}x".utf8) + [0xFF])

    /// What a job may well say: too long for a line, in colour.
    static func longError(_ failure: String) -> String {
        "it ended: \(failure)\n\u{1B}[31m" + String(repeating: "and so on ", count: 30)
    }

    private let temporary: TemporaryCatalog
    var path: String { temporary.directory.path }

    init() async throws {
        temporary = try TemporaryCatalog()
        let home = temporary.directory.path
        try await temporary.catalog.write { try $0.fill(home: home, SampleHome.start) }
        try await temporary.catalog.database.close()
        try write("site: test\n", to: "granary.yaml")
        try write("said\n\u{1B}[31mred\n", to: "_stdout.txt")
        try write("went wrong\n", to: "_stderr.txt")
    }

    private func write(_ text: String, to name: String) throws {
        let file = try FileDescriptor.open(
            FilePath(temporary.directory.file(name)), .writeOnly, options: [.create, .truncate],
            permissions: .ownerReadWrite)
        _ = try file.closeAfter { try file.writeAll(text.utf8) }
    }

    /// Runs the program in this home.
    func run(_ arguments: String..., input: String = "") async throws -> GranaryBinary.Outcome {
        try await GranaryBinary.run(arguments + ["--home", path], input: input)
    }

    func run(_ arguments: [String]) async throws -> GranaryBinary.Outcome {
        try await GranaryBinary.run(arguments + ["--home", path])
    }

    /// What the ledger holds now.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> Value) async throws -> Value {
        let catalog = try temporary.reader()
        let value = try await catalog.read(body)
        try await catalog.database.close()
        return value
    }
}

extension SQLSession {
    fileprivate func fill(home: String, _ start: Timestamp) throws {
        let first = try granule("swath_1", at: start)
        _ = try granule("swath_2", at: start + .seconds(60))
        let job = try job("successful", input: first, failure: nil, home: home, at: start + .seconds(20))
        let product = try granule("product_1", collection: "PRODUCT", job: job, at: start + .seconds(30))
        try self.job("failed", input: first, failure: "exit", home: home, at: start + .seconds(40))
        try submission(of: first, "acknowledged", at: start + .seconds(50))
        try submission(of: product, "rejected", at: start + .seconds(55))
        try setAside(at: start)
    }

    private func one(_ sql: String, _ values: [(any SQLConvertible)?]) throws -> Int64 {
        guard let id = try insert(sql + " RETURNING id", values) else { throw MissingRow() }
        return id
    }

    private func granule(_ name: String, collection: String = "SWATH", job: Int64? = nil, at start: Timestamp) throws
        -> Int64
    {
        let id = try one(
            """
            INSERT INTO granule (collection, version, name, state, provider, processing_type, readiness, verification,
                job_id, available_at, observed_at, settled_at, verified_at, archived_at)
            VALUES (?, '1.1', ?, 'archived', 'P', 'forward', 'manifest', 'self', ?, ?, ?, ?, ?, ?)
            """,
            [
                collection, name, job, start, start + .seconds(1), start + .seconds(2), start + .seconds(3),
                start + .seconds(4),
            ])
        let arrival = try one(
            """
            INSERT INTO arrival (source, path, generation, size, state, collection, version, granule, granule_id,
                available_at, observed_at, looked_at, settled_at, ended_at)
            VALUES ('north', ?, 'g', 10, 'archived', ?, '1.1', ?, ?, ?, ?, ?, ?, ?)
            """, [BytePath(name), collection, name, id, start, start, start, start, start])
        try execute(
            """
            INSERT INTO file (granule_id, arrival_id, name, type, size, archive_path, sha256, verification)
            VALUES (?, ?, ?, 'data', 10, ?, ?, 'self')
            """,
            [id, arrival, BytePath(name), BytePath("a/\(name)"), Checksum(.sha256, of: Array(name.utf8)).description])
        return id
    }

    @discardableResult
    private func job(_ state: String, input: Int64, failure: String?, home: String, at start: Timestamp) throws -> Int64
    {
        let id = try one(
            """
            INSERT INTO job (process, process_version, rule, state, processing_type, accepted_at, started_at, ended_at,
                failure_class, error, short_error)
            VALUES ('p', '1', 'r', ?, 'forward', ?, ?, ?, ?, ?, ?)
            """,
            [
                state, start, start + .seconds(1), start + .seconds(2), failure, failure.map(SampleHome.longError),
                failure.map { "short: \($0)" },
            ])
        try execute("INSERT INTO job_input (job_id, granule_id) VALUES (?, ?)", [id, input])
        try execute(
            "INSERT INTO rule_firing (rule, rule_version, input_key, job_id, fired_at) VALUES ('r', '1', ?, ?, ?)",
            ["\(id)", id, start])
        try execute(
            """
            INSERT INTO job_attempt (job_id, number, directory, command, started_at, ended_at, exit_code, failure_class,
                error)
            VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id, home, #"["sh","-c","echo two words"]"#, start + .seconds(1), start + .seconds(2),
                failure == nil ? 0 : 3,
                failure, failure.map(SampleHome.longError),
            ] as [(any SQLConvertible)?])
        return id
    }

    private func submission(of granule: Int64, _ state: String, at start: Timestamp) throws {
        let isGood = state == "acknowledged"
        let code: String? = isGood ? nil : "VALIDATION_ERROR"
        let id = try one(
            """
            INSERT INTO submission (granule_id, destination, identifier, state, body, attempts, created_at, sent_at,
                due_at, responded_at, reconciled_at, error_code, error)
            VALUES (?, 'DAAC', ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                granule, "cnm-\(granule)", state, Array(#"{"version":"1.6.1"}"#.utf8), start, start + .seconds(1),
                start + .seconds(3600), start + .seconds(5), start + .seconds(6), code,
                isGood ? nil : "no such collection",
            ])
        try execute(
            "INSERT INTO submission_attempt (submission_id, number, at, broker_id) VALUES (?, 1, ?, 'b-1')",
            [id, start + .seconds(1)])
        let message = try one(
            "INSERT INTO message_in (source, message_key, digest, body, received_at) VALUES ('DAAC', ?, ?, ?, ?)",
            ["m\(id)", "d\(id)", [UInt8](), start + .seconds(5)])
        try execute(
            """
            INSERT INTO response (message_in_id, submission_id, identifier, status, error_code, error, verdict,
                handled_at)
            VALUES (?, ?, ?, ?, ?, ?, 'applied', ?)
            """,
            [
                message, id, "cnm-\(granule)", isGood ? "SUCCESS" : "FAILURE", code,
                isGood ? nil : "no such collection",
                start + .seconds(6),
            ])
    }

    private func setAside(at start: Timestamp) throws {
        let id = try one(
            """
            INSERT INTO arrival (source, path, generation, size, state, available_at, observed_at, looked_at, ended_at,
                reason_code, reason, remedy)
            VALUES ('north', ?, 'g', 7, 'quarantined', ?, ?, ?, ?, 'name.unknown', 'No pattern, "really", matches.',
                'Correct the pattern.')
            """, [SampleHome.hostile, start, start, start, start])
        try born(.arrival, id, as: ArrivalState.observed, at: start, because: Cause("observed", by: "watcher north"))
        try note(.arrival, id, state: "quarantined", at: start, because: Cause("name.unknown", by: "watcher north"))
    }
}

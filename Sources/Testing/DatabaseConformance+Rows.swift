// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore
internal import Testing

extension DatabaseConformance {
    func everyValueComesBack() async throws {
        let values: [SQLValue] = [
            .null, .integer(.min), .integer(.max), .integer(0), .real(0.1), .real(-1.5e300), .text(""),
            .text("é😀'\"?\n"),
            .bytes([]), .bytes([0, 255, 39]),
        ]
        let back = try await catalog.read { session in
            try values.map { value in try session.query("SELECT ? AS v", [value])[0]["v"] }
        }
        #expect(back == values)
    }

    func pathsAreBytes() async throws {
        let paths: [BytePath] = ["caf\u{E9}.nc", "cafe\u{301}.nc", BytePath([0x66, 0xFF, 0x2E])]
        let clock = clock
        let back = try await catalog.write { session in
            for path in paths { _ = try session.observe(path, at: clock.now()) }
            return try session.query("SELECT path FROM arrival ORDER BY id").map { try $0.path("path") }
        }
        #expect(back == paths)
    }

    func aThrowingBodyLeavesNothing() async throws {
        let clock = clock
        await #expect(throws: Refusal.self) {
            try await catalog.write { session in
                _ = try session.observe("a", at: clock.now())
                throw Refusal()
            }
        }
        #expect(try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM arrival") } == 0)
        #expect(try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM event") } == 0)
    }

    /// Small bodies and large ones, for which a driver may have another way to undo them.
    func aThrowingBodySparesItsNeighbours() async throws {
        let (catalog, clock) = (catalog, clock)
        let rows: @Sendable (Int) -> Int = { number in number % 4 == 0 ? 80 : 1 }
        let throwing: @Sendable (Int) -> Bool = { number in number % 3 == 0 }
        let refused = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<60 {
                group.addTask {
                    do {
                        try await catalog.write { session in
                            for row in 0..<rows(number) {
                                _ = try session.observe(BytePath("file-\(number)-\(row)"), at: clock.now())
                            }
                            if throwing(number) { throw Refusal() }
                        }
                        return false
                    } catch {
                        return error is Refusal
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        let kept = (0..<60).filter { !throwing($0) }.map(rows).reduce(0, +)
        #expect(refused == 20)
        #expect(try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM arrival") } == kept)
        #expect(try await catalog.read { try $0.count("SELECT COUNT(*) AS n FROM event") } == kept)
    }

    func everyConcurrentWriteLands() async throws {
        let (catalog, clock) = (catalog, clock)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let path = BytePath("file-\(number)")
                    _ = try await catalog.write { try $0.observe(path, at: clock.now()) }
                    // What a write returned is there for everybody from then on.
                    return try await catalog.read { session in
                        try session.count("SELECT COUNT(*) AS n FROM arrival WHERE path = ?", [path]) == 1
                    }
                }
            }
            for try await isThere in group { #expect(isThere) }
        }
    }

    func aQueryMayRunInsideItself() async throws {
        let clock = clock
        let seen = try await catalog.write { session in
            for name in ["a", "b", "c"] { _ = try session.observe(BytePath(name), at: clock.now()) }
            var seen: [Int64] = []
            let sql = "SELECT id FROM arrival WHERE id > ? ORDER BY id"
            try session.forEach(sql, [0]) { row in
                seen.append(try row.int64("id"))
                try session.forEach(sql, [1]) { seen.append(try $0.int64("id")) }
            }
            return seen
        }
        #expect(seen == [1, 2, 3, 2, 2, 3, 3, 2, 3])
    }

    func constraintsRefuse() async throws {
        let clock = clock
        _ = try await catalog.write { try $0.observe("a", at: clock.now()) }
        let refused = [
            "UPDATE arrival SET state = 'lost'", "UPDATE arrival SET size = -1", "UPDATE arrival SET generation = NULL",
            "UPDATE arrival SET state = 'quarantined', ended_at = 1", "UPDATE arrival SET state = 'ignored'",
            "UPDATE arrival SET granule_id = 99",
            """
            INSERT INTO arrival (source, path, generation, size, state, available_at, observed_at, looked_at)
            SELECT source, path, generation, size, state, available_at, observed_at, looked_at FROM arrival
            """,
            """
            INSERT INTO work (kind, subject_id, state, due_at, created_at, updated_at)
            VALUES ('job.run', 1, 'running', 0, 0, 0)
            """,
            """
            INSERT INTO granule (collection, version, name, state, provider, processing_type, readiness, observed_at)
            VALUES ('C', '1', 'G', 'archived', 'P', 'forward', 'manifest', 1)
            """,
            """
            INSERT INTO job (process, process_version, state, processing_type, accepted_at)
            VALUES ('p', '1', 'failed', 'forward', 1)
            """,
        ]
        for sql in refused {
            await expectError(.catalogConstraint) { try await catalog.write { try $0.execute(sql) } }
        }
    }

    func refusalsAreWords() async throws {
        await expectError(.catalogFailed) { try await catalog.write { try $0.execute("UPDATE nowhere SET a = 1") } }
        await expectError(.catalogFailed) { try await catalog.read { try $0.query("SELECT nothing FROM arrival") } }
        await expectError(.catalogFailed) { try await catalog.read { try $0.query("SELECT 1 AS one")[0].text("one") } }
    }

    func theDatabaseIsSound() async throws {
        #expect(try await catalog.read { try $0.damage() } == [])
    }

    func theAuditLogIsAChain() async throws {
        let clock = clock
        let hashes = try await catalog.write { session in
            try ["one", "two", "two"].map { reason in
                try session.audit(
                    AuditEntry(
                        at: clock.now(), actor: "ada", action: "job retry", subject: "job 1", reason: reason,
                        outcome: "done"))
            }
        }
        #expect(Set(hashes).count == 3)
        #expect(try await catalog.read { try $0.brokenAuditEntries() } == [])
        await expectError(.catalogConstraint) {
            try await catalog.write { try $0.execute("UPDATE operator_action SET reason = 'other' WHERE id = 2") }
        }
    }
}

struct Refusal: Error {}

extension SQLSession {
    /// An arrival of that path at `staging`.
    func observe(_ path: BytePath, at moment: Timestamp) throws -> Int64 {
        let entry = StoreEntry(path: path, kind: .file, size: 1, modified: moment, generation: "1")
        let id = try insertArrival(
            source: "staging", entry: entry, identity: nil, at: moment, steady: moment, by: "test")
        return try #require(id)
    }
}

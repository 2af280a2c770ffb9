// SPDX-License-Identifier: Apache-2.0

import GRDB
import GranaryCatalog
import GranaryTesting
import Testing

@Suite("The check finds what a schema can't say")
struct CatalogCheckTests {
    @Test("a healthy ledger has no findings, and neither has an empty one")
    func healthy() async throws {
        let ledger = try await SampleLedger()
        #expect(try await CatalogCheck().findings(in: ledger.catalog) == [])
        let empty = try TemporaryCatalog()
        #expect(try await CatalogCheck().findings(in: empty.catalog) == [])
    }

    /// SQL that does one kind of damage, and the rule that must find it.
    static let damages: [(rule: String, sql: [String])] = [
        ("audit.chain", ["UPDATE operator_action SET reason = 'another' WHERE id = 1"]),
        ("audit.chain", ["DELETE FROM operator_action WHERE id = 1"]),
        ("event.chain", ["UPDATE event SET from_state = 'settling' WHERE to_state = 'verifying'"]),
        ("event.chain", ["DELETE FROM event WHERE subject = 'job' AND to_state = 'running'"]),
        ("event.allowed", ["UPDATE event SET to_state = 'lost' WHERE to_state = 'verifying'"]),
        (
            "event.allowed",
            [
                """
                INSERT INTO event (at, subject, subject_id, from_state, to_state, cause, actor)
                VALUES (1, 'submission', 1, 'acknowledged', 'rejected', 'x', 'y')
                """
            ]
        ),
        ("arrival.event", ["UPDATE arrival SET state = 'rejected' WHERE state = 'quarantined'"]),
        ("granule.event", ["UPDATE granule SET state = 'superseded' WHERE id = 1"]),
        ("granule.event", ["DELETE FROM event WHERE subject = 'granule'"]),
        ("work.event", ["UPDATE work SET state = 'discarded' WHERE id = 2"]),
        ("job.event", ["UPDATE job SET state = 'dismissed'"]),
        ("submission.event", ["UPDATE submission SET state = 'cancelled' WHERE id = 1"]),
        ("arrival.kept", ["DELETE FROM arrival WHERE state = 'quarantined'"]),
        ("arrival.total", ["DELETE FROM arrival WHERE state = 'quarantined'"]),
        ("work.kept", ["DELETE FROM work"]),
        ("granule.files", ["DELETE FROM file WHERE granule_id = 1"]),
        ("granule.milestones", ["UPDATE granule SET settled_at = NULL WHERE id = 1"]),
        ("granule.milestones", ["UPDATE granule SET verified_at = NULL WHERE id = 2"]),
        ("granule.job", ["UPDATE granule SET job_id = 99 WHERE id = 2"]),
        ("granule.open", ["UPDATE arrival SET state = 'waiting', ended_at = NULL WHERE granule_id = 1"]),
        ("arrival.file", ["UPDATE file SET arrival_id = NULL WHERE id = 1"]),
        ("arrival.file", ["UPDATE file SET granule_id = 2 WHERE id = 1"]),
        ("file.arrival", ["UPDATE arrival SET state = 'duplicate' WHERE granule_id = 1"]),
        ("file.granule", ["UPDATE granule SET state = 'quarantined' WHERE id = 1"]),
        ("work.lease", ["UPDATE work SET state = 'running', lease_until = NULL WHERE id = 1"]),
        ("work.job.run", ["UPDATE work SET subject_id = 99 WHERE kind = 'job.run'"]),
        ("work.submission.send", ["UPDATE work SET subject_id = 99 WHERE kind = 'submission.send' AND subject_id = 1"]),
        ("work.answer.send", ["UPDATE work SET subject_id = 99 WHERE kind = 'answer.send'"]),
        ("work.response.apply", ["UPDATE work SET kind = 'response.apply', subject_id = 99 WHERE id = 1"]),
        ("work.notification.take", ["UPDATE work SET kind = 'notification.take', subject_id = 99 WHERE id = 1"]),
        ("job.work", ["UPDATE job SET state = 'running', ended_at = NULL"]),
        ("job.ended", ["UPDATE work SET state = 'retryable' WHERE kind = 'job.run'"]),
        ("job.times", ["UPDATE job SET ended_at = NULL"]),
        ("rule.input", ["DELETE FROM job_input"]),
        ("submission.work", ["UPDATE work SET state = 'completed' WHERE kind = 'submission.send'"]),
        ("submission.due", ["UPDATE submission SET state = 'sent', due_at = NULL WHERE id = 1"]),
        ("submission.success", ["UPDATE response SET status = 'FAILURE'"]),
        ("message.handled", ["DELETE FROM response"]),
        ("message.handled", ["DELETE FROM answer"]),
        ("answer.work", ["UPDATE work SET state = 'completed' WHERE kind = 'answer.send'"]),
    ]

    @Test("finds planted damage", arguments: damages)
    func damage(_ damage: (rule: String, sql: [String])) async throws {
        let ledger = try await SampleLedger()
        try await ledger.damage(damage.sql)
        let findings = try await CatalogCheck().findings(in: ledger.catalog)
        let found = findings.filter { $0.rule == damage.rule }
        #expect(!found.isEmpty, "found only \(findings.map(\.rule))")
        #expect(found.allSatisfy { $0.sentence.hasSuffix(".") && $0.remedy.hasSuffix(".") && !$0.subject.isEmpty })
    }

    @Test("finds references to rows that are not there, and pages that do not fit together")
    func unsound() async throws {
        let ledger = try await SampleLedger()
        try await ledger.catalog.database.close()
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: ledger.temporary.path, configuration: configuration)
        try await queue.write { database in
            try database.execute(sql: "UPDATE arrival SET granule_id = 99 WHERE id = 1")
            try database.execute(sql: "PRAGMA writable_schema = ON")
            try database.execute(
                sql: """
                    UPDATE sqlite_master SET sql = replace(sql, '(state, process)', '(process, state)')
                    WHERE name = 'job_by_state'
                    """
            )
        }
        try queue.close()
        let findings = try await CatalogCheck().findings(in: ledger.temporary.reader()).filter {
            $0.rule == "catalog.sound"
        }
        #expect(findings.contains { $0.sentence == "Row 1 of arrival names a row of granule that is not there." })
        #expect(findings.contains { $0.sentence.contains("job_by_state") })
    }

    @Test("every rule has damage that it finds, and a name of its own")
    func complete() {
        let names = CatalogRule.all.map(\.name)
        #expect(Set(names).count == names.count)
        let reached = Set(Self.damages.map(\.rule))
        // Rows of other tables are held by foreign keys; their rule is the same, made from the subject's name.
        let alike: Set = ["granule.kept", "job.kept", "submission.kept"]
        let elsewhere: Set = ["catalog.sound"]
        #expect(Set(names).subtracting(reached) == alike.union(elsewhere))
    }

    @Test("hands over more findings than fit a page, each once, and runs on a reader")
    func pages() async throws {
        let ledger = try await SampleLedger()
        let many = 2345
        try await ledger.catalog.write { session in
            for number in 1...many {
                try session.execute(
                    """
                    INSERT INTO message_in (source, message_key, digest, body, received_at) VALUES ('q', ?, 'd', x'', 1)
                    """, ["lost-\(number)"])
            }
        }
        let reader = try ledger.temporary.reader()
        var sentences: Set<String> = []
        let count = try await CatalogCheck().run(on: reader) { sentences.insert($0.sentence) }
        #expect(count == many && sentences.count == many)
        #expect(try await CatalogCheck().findings(in: reader, limit: 10).count == 10)
        try await reader.database.close()
    }
}

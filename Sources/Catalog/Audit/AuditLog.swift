// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// What somebody did to the ledger by hand, and how it went.
public struct AuditEntry: Sendable, Hashable {
    public var at: Timestamp
    public var actor: String
    /// The act: `quarantine release`, `job retry`.
    public var action: String
    /// What it was done to: the number of a row, or a path.
    public var subject: String
    public var reason: String
    public var outcome: String

    public init(
        at: Timestamp, actor: String, action: String, subject: String, reason: String, outcome: String
    ) {
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.reason = reason
        self.outcome = outcome
    }
}

extension AuditEntry {
    /// The hash that chains the entry to the one before it.
    ///
    /// Each field stands behind its length in bytes, so that no two different entries have the same text.
    func hash(after previous: String) -> String {
        let fields = [previous, String(at.microseconds), actor, action, subject, reason, outcome]
        let text = fields.map { "\($0.utf8.count):\($0)" }.joined(separator: ",")
        return Checksum(.sha256, of: Array(text.utf8)).hex
    }

    init(row: SQLRow) throws {
        self.init(
            at: try row.time("at"), actor: try row.text("actor"), action: try row.text("action"),
            subject: try row.text("subject"), reason: try row.text("reason"), outcome: try row.text("outcome"))
    }
}

/// The audit log: rows of `operator_action`, each of which carries the hash of the one before.
///
/// Whoever changes, removes or inserts a row breaks the chain behind it. Rows cut off at the end leave no trace here;
/// to find that out too, keep the last hash elsewhere.
extension SQLSession {
    /// Writes an entry at the end of the log, in the transaction of the act. Returns its hash.
    @discardableResult
    public func audit(_ entry: AuditEntry) throws -> String {
        let previous = try lastAuditHash()
        let hash = entry.hash(after: previous)
        try execute(
            """
            INSERT INTO operator_action (at, actor, action, subject, reason, outcome, previous_hash, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [entry.at, entry.actor, entry.action, entry.subject, entry.reason, entry.outcome, previous, hash])
        return hash
    }

    /// The hash of the newest entry; empty before the first.
    public func lastAuditHash() throws -> String {
        try first("SELECT hash FROM operator_action ORDER BY id DESC LIMIT 1")?.text("hash") ?? ""
    }

    /// The ids of entries that do not follow from the one before them, in order; empty when the log is whole.
    public func brokenAuditEntries() throws -> [Int64] {
        var broken: [Int64] = []
        var previous = ""
        try forEach("SELECT * FROM operator_action ORDER BY id", []) { row in
            let hash = try row.text("hash")
            let follows = try row.text("previous_hash") == previous
            if try !follows || AuditEntry(row: row).hash(after: previous) != hash { broken.append(try row.int64("id")) }
            previous = hash
        }
        return broken
    }
}

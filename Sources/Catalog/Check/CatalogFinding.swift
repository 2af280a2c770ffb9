// SPDX-License-Identifier: Apache-2.0

/// Something in the ledger that must not be.
public struct CatalogFinding: Sendable, Hashable, Codable {
    /// The name of the rule that it breaks: `granule.files`.
    public var rule: String
    /// What breaks it: `granule 17`.
    public var subject: String
    /// What is wrong, in one sentence.
    public var sentence: String
    /// What to do about it, in one sentence.
    public var remedy: String

    public init(rule: String, subject: String, sentence: String, remedy: String) {
        self.rule = rule
        self.subject = subject
        self.sentence = sentence
        self.remedy = remedy
    }
}

/// One thing that must hold in every ledger at every moment and that the schema cannot say.
public struct CatalogRule: Sendable {
    /// `subject.word`, stable.
    public let name: String
    /// What must hold, in one sentence.
    public let promise: String
    /// Rows that break it and come after a key, in the order of their keys, at most `limit`.
    let violations: @Sendable (_ session: any SQLSession, _ after: Int64, _ limit: Int) throws -> [Violation]

    struct Violation {
        var key: Int64
        var finding: CatalogFinding
    }
}

extension CatalogRule {
    /// A rule as a query for what breaks it, with an `id` in each row, and a sentence about such a row.
    init(
        _ name: String, _ promise: String, subject: String, broken query: String, remedy: String,
        sentence: @escaping @Sendable (SQLRow) throws -> String
    ) {
        self.init(name: name, promise: promise) { session, after, limit in
            let page = "SELECT * FROM (\(query)) AS broken WHERE id > ? ORDER BY id LIMIT ?"
            return try session.query(page, [after, limit]).map { row in
                let id = try row.int64("id")
                let finding = CatalogFinding(
                    rule: name, subject: "\(subject) \(id)", sentence: try sentence(row), remedy: remedy)
                return Violation(key: id, finding: finding)
            }
        }
    }

    /// A rule whose breaches can only be listed as a whole; they are few.
    init(
        _ name: String, _ promise: String,
        findings: @escaping @Sendable (any SQLSession) throws -> [CatalogFinding]
    ) {
        self.init(name: name, promise: promise) { session, after, limit in
            let all = try findings(session).enumerated().dropFirst(Int(after)).prefix(limit)
            return all.map { Violation(key: Int64($0.offset) + 1, finding: $0.element) }
        }
    }
}

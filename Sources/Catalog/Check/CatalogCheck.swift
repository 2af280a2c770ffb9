// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// States what must be true of a ledger and lists what is not: what a schema cannot say.
///
/// It only reads, so it runs beside a working service; each page of findings is one snapshot.
public struct CatalogCheck: Sendable {
    public let rules: [CatalogRule]

    public init(rules: [CatalogRule] = CatalogRule.all) { self.rules = rules }

    /// Hands over every finding, rule by rule, without keeping them. Returns how many there were.
    @discardableResult
    public func run(on catalog: Catalog, each: (CatalogFinding) async throws -> Void) async throws -> Int {
        var count = 0
        for rule in rules {
            var after: Int64 = 0
            while let page = try await page(of: rule, after: after, in: catalog) {
                for violation in page { try await each(violation.finding) }
                count += page.count
                after = page.last?.key ?? after
                if page.count < Limits.rowPage { break }
            }
        }
        return count
    }

    /// The first findings, at most `limit` of them.
    public func findings(in catalog: Catalog, limit: Int = Limits.rowPage) async throws -> [CatalogFinding] {
        var found: [CatalogFinding] = []
        for rule in rules where found.count < limit {
            let room = limit - found.count
            found += try await catalog.read { try rule.violations($0, 0, room).map(\.finding) }
        }
        return found
    }

    private func page(of rule: CatalogRule, after: Int64, in catalog: Catalog) async throws -> [CatalogRule.Violation]?
    {
        let page = try await catalog.read { try rule.violations($0, after, Limits.rowPage) }
        return page.isEmpty ? nil : page
    }
}

extension CatalogRule {
    /// Every rule, in the order in which damage is best understood: the file first, then what happened, then each verb.
    public static let all: [CatalogRule] = storage + audit + events + ingest + work + processing + delivery

    /// What must hold of the file itself, before anything is written on top of damage.
    public static let storage: [CatalogRule] = [
        CatalogRule("catalog.sound", "The database finds nothing wrong with its pages, indexes and references.") {
            try $0.damage().map { sentence in
                CatalogFinding(
                    rule: "catalog.sound", subject: "catalog", sentence: sentence,
                    remedy: "Stop the service and restore the catalog from a backup, or rebuild it from the archive.")
            }
        }
    ]

    static let audit: [CatalogRule] = [
        CatalogRule("audit.chain", "Every entry of the audit log follows from the one before it.") {
            try $0.brokenAuditEntries().map { id in
                CatalogFinding(
                    rule: "audit.chain", subject: "operator_action \(id)",
                    sentence: "Entry \(id) of the audit log does not follow from the one before it.",
                    remedy: "Somebody changed, removed or added entries by hand: compare the log with a backup.")
            }
        }
    ]
}

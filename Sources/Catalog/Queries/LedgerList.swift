// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A kind of thing that the ledger lists: where its rows come from, what may filter them, how one is read.
public struct LedgerList<Element: Sendable>: Sendable {
    /// What filters over the list may name.
    public let schema: FilterSchema
    let columns: String
    let tables: String
    let key: String
    let read: @Sendable (SQLRow, any SQLSession) throws -> Element
    let id: @Sendable (Element) -> Int64
}

extension LedgerList<GranuleRecord> {
    public static var granules: Self {
        LedgerList(schema: .granule, columns: "g.*", tables: "granule g", key: "g.id") {
            row, _ in
            try GranuleRecord(row: row)
        } id: {
            $0.id
        }
    }
}

extension LedgerList<ArrivalRecord> {
    public static var arrivals: Self {
        LedgerList(schema: .arrival, columns: "a.*", tables: "arrival a", key: "a.id") {
            row, _ in
            try ArrivalRecord(row: row)
        } id: {
            $0.id
        }
    }
}

extension LedgerList<JobRecord> {
    public static var jobs: Self {
        LedgerList(schema: .job, columns: "j.*", tables: "job j", key: "j.id") {
            row, _ in
            try JobRecord(row: row)
        } id: {
            $0.id
        }
    }
}

extension LedgerList<DeliveryRecord> {
    public static var deliveries: Self {
        LedgerList(
            schema: .delivery, columns: "s.*", tables: "submission s JOIN granule g ON g.id = s.granule_id", key: "s.id"
        ) { row, session in
            let submission = try SubmissionRecord(row: row)
            return DeliveryRecord(submission: submission, granule: try session.requireGranule(submission.granuleID))
        } id: {
            $0.id
        }
    }
}

/// Which part of a list is wanted.
public struct PageRequest: Sendable, Hashable {
    public enum Order: String, Sendable, Hashable, CaseIterable, Codable {
        case newestFirst, oldestFirst
    }
    /// The `next` of the page before; nil for the first page.
    public var after: Int64?
    public var limit: Int
    public var order: Order

    public init(after: Int64? = nil, limit: Int = 100, order: Order = .newestFirst) {
        self.after = after
        self.limit = limit
        self.order = order
    }
}

/// A part of a list.
public struct Page<Element: Sendable>: Sendable {
    public var elements: [Element]
    /// Where the next page goes on; nil when this is the last.
    public var next: Int64?

    public init(elements: [Element], next: Int64?) {
        self.elements = elements
        self.next = next
    }
}

extension SQLSession {
    /// One page of what a filter selects; throws `filter.invalid` when the list has no such property.
    ///
    /// Pages follow the row's id, so that rows which come meanwhile neither repeat nor hide others. At most
    /// `Limits.rowPage` at once.
    public func page<Element>(
        of list: LedgerList<Element>, where filter: Filter? = nil, _ request: PageRequest = PageRequest()
    ) throws -> Page<Element> {
        let condition = try filter?.sql(columns: list.schema)
        let limit = max(1, min(request.limit, Limits.rowPage))
        let (compares, order) = request.order == .newestFirst ? ("<", "DESC") : (">", "ASC")
        let start = request.after.map { ("\(list.key) \(compares) ?", $0) }
        let conditions = [condition?.text, start?.0].compactMap(\.self).joined(separator: " AND ")
        let rows = try query(
            """
            SELECT \(list.columns) FROM \(list.tables) WHERE \(conditions.isEmpty ? "1 = 1" : conditions)
            ORDER BY \(list.key) \(order) LIMIT ?
            """,
            (condition?.arguments ?? []) + (start.map { [$0.1] } ?? []) + [limit + 1])
        let elements = try rows.prefix(limit).map { try list.read($0, self) }
        return Page(elements: elements, next: rows.count > limit ? elements.last.map(list.id) : nil)
    }

    /// How many a filter selects.
    public func count<Element>(of list: LedgerList<Element>, where filter: Filter? = nil) throws -> Int {
        let condition = try filter?.sql(columns: list.schema)
        return try count(
            "SELECT COUNT(*) AS n FROM \(list.tables) WHERE \(condition?.text ?? "1 = 1")", condition?.arguments ?? [])
    }

    func requireGranule(_ id: Int64) throws -> GranuleRecord {
        guard let granule = try granule(id) else {
            throw GranaryError(
                .catalogFailed, "Granule \(id) is not in the catalog, though rows name it.", subject: "granule \(id)",
                remedy: "Run `granary check catalog`.")
        }
        return granule
    }
}

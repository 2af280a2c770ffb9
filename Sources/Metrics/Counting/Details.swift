// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
internal import GranaryCore

extension SQLSession {
    /// The list behind one number: a row for each thing that `measure` counts for `row`, oldest id first.
    ///
    /// Throws `not.found` when the report has no such number, and `report.unbalanced` when the list is not as long as
    /// the number.
    public func details(_ measure: Measure, of row: RowKey, in request: ReportRequest) throws -> Table {
        guard let count = Count.of(request).first(where: { $0.measures.values.contains(measure) && $0.knows(row.axis) })
        else { throw noSuchNumber(measure, row) }
        let listing = Listing.of(count)
        let table = Table(
            listing.columns, rows: try list(count, measure, row, listing, request.period).map(listing.cells))
        var tally = Tally()
        try self.count(count, by: row.axis, in: request.period, into: &tally)
        try expectEqual(
            Amount(count: tally[row, measure].count), Amount(count: Int64(table.rows.count)),
            "\(measure.name) = length of its list", of: row)
        return table
    }

    private func list(
        _ count: Count, _ measure: Measure, _ row: RowKey, _ listing: Listing, _ period: Period?
    ) throws -> [SQLRow] {
        let words = count.measures.filter { $0.value == measure }.keys.sorted()
        let keys = zip(count.keys(row.axis), row.values).map { ($0, $1 == .null ? nil : $1) }
        let conditions = keys.map { $1 == nil ? "\($0) IS NULL" : "\($0) = ?" }.joined(separator: " AND ")
        let marks = words.map { _ in "?" }.joined(separator: ", ")
        return try query(
            """
            SELECT \(listing.select) FROM \(count.from) \(count.joinGranule) \(count.join)
            WHERE \(count.condition)\(period.condition(on: count.clock)) AND \(count.word) IN (\(marks))
                AND \(conditions)
            ORDER BY 1
            """, period.arguments + words + keys.compactMap { $1 })
    }
}

extension Count {
    /// Every count of a report that has lists behind its numbers.
    static func of(_ request: ReportRequest) -> [Count] {
        switch request.kind {
        case .accountability: AccountabilityCounts(clock: request.clock).all
        case .delivery: submissions(by: request.clock) + [rejections(by: request.clock)]
        case .latency: []
        }
    }
}

private func noSuchNumber(_ measure: Measure, _ row: RowKey) -> GranaryError {
    GranaryError(
        .notFound, "This report has no \(measure.name) for \(BytePath(row.name)).", subject: measure.name,
        remedy: "Take the row and the column from the report itself; a source has files only.")
}

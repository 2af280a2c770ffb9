// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore

/// What was announced to partners and what they said to it: for each destination, collection or day.
public struct DeliveryReport: Sendable {
    private let request: ReportRequest
    private let tally: Tally
    private let oldest: [RowKey: Timestamp]
    private let proofs: [Proof]

    /// Counts what the session sees; throws `report.unbalanced` when the numbers contradict each other.
    public init(_ request: ReportRequest, in session: any SQLSession) throws {
        let axes = [CountAxis(request.axis), .total]
        var tally = Tally()
        for count in Count.of(request) {
            for axis in axes { try session.count(count, by: axis, in: request.period, into: &tally) }
        }
        (self.request, self.tally) = (request, tally)
        oldest = try axes.reduce(into: [:]) { found, axis in
            found.merge(try session.oldestOpen(request, by: axis)) { first, _ in first }
        }
        proofs = try Self.equations.map { try $0.prove(tally) }
        try tally.proveTotals(Self.measures, over: axes[0])
    }

    /// What a row says; zero where the row or the measure does not occur.
    public subscript(_ row: RowKey, _ measure: Measure) -> Amount { tally[row, measure] }

    /// The rows in the order of the report, without the total.
    public var rows: [RowKey] { tally.keys(CountAxis(request.axis)) }

    public func document(generatedAt: Timestamp) -> ReportDocument {
        let rows = (rows + [.total]).map { cells($0, now: generatedAt) }
        let panel = ReportDocument.Panel(caption: "Submissions", content: .fields(Self.columns.map(\.name)))
        return ReportDocument(
            request, generatedAt: generatedAt, table: Table(Self.columns, rows: rows), panels: [panel],
            method: ["oldest open = the first composed of those pending, sent or overdue; its age is as generated"],
            balance: proofs)
    }
}

extension DeliveryReport {
    private static let states = SubmissionState.allCases.map(Measure.submissions)
    private static let codes = ResponseError.allCases.map { Measure.rejected($0) } + [.rejected(nil)]
    private static let measures = [.submissions] + states + codes

    private static let equations = [
        Equation(whole: .submissions, parts: states), Equation(whole: .submissions(.rejected), parts: codes),
    ]

    private static let columns: [Table.Column] =
        [.text("scope"), .text("name")] + measures.map { .number($0.name, heading: $0.heading) }
        + [.number("attempts"), .time("oldest_open_at"), .number("oldest_open_age")]

    private func cells(_ key: RowKey, now: Timestamp) -> [Cell] {
        let since = oldest[key]
        return [.text(key.scope.rawValue), .text(key.name)]
            + Self.measures.map { .integer(tally[key, $0].count) }
            + [
                .integer(tally[key, .submissions].sum), since.map { .time($0) } ?? .none,
                since.map { .duration(now - $0) } ?? .none,
            ]
    }
}

/// Rejected submissions by the partner's error code.
func rejections(by clock: Milestone) -> Count {
    var count = submissions(by: clock)[0]
    let known = ResponseError.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    count.condition = "s.state = 'rejected'"
    count.word = "CASE WHEN s.error_code IN (\(known)) THEN s.error_code ELSE 'other' END"
    count.measures = measures { (code: ResponseError) in Measure.rejected(code) }
    count.measures["other"] = .rejected(nil)
    return count
}

extension SQLSession {
    /// When the first submission that is still open was composed, for each row that has one.
    fileprivate func oldestOpen(_ request: ReportRequest, by axis: CountAxis) throws -> [RowKey: Timestamp] {
        let count = submissions(by: request.clock)[0]
        let keys = count.keys(axis)
        let found = try query(
            """
            SELECT \(keys[0]) AS key1, \(keys[1]) AS key2, MIN(s.created_at) AS oldest FROM \(count.tables(axis))
            WHERE s.state IN ('pending', 'sent', 'overdue')\(request.period.condition(on: count.clock))
            GROUP BY 1, 2
            """, request.period.arguments)
        return try found.reduce(into: [:]) { $0[try RowKey(axis, $1)] = try $1.time("oldest") }
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore

/// How long each step took, and the whole way: for each collection, day or destination, and in total.
public struct LatencyReport: Sendable {
    private let request: ReportRequest
    private let intervals: [Interval]
    private let found: [Interval: [RowKey: LatencyStatistics]]
    private let proofs: [Proof]

    /// Measures what the session sees; throws `report.unbalanced` when the numbers contradict each other.
    public init(_ request: ReportRequest, in session: any SQLSession) throws {
        self.request = request
        intervals = request.intervals
        found = try intervals.reduce(into: [:]) { found, interval in
            found[interval] = try [CountAxis(request.axis), .total].reduce(into: [:]) { rows, axis in
                let query = LatencyQuery(interval: interval, axis: axis, request: request)
                rows.merge(try query.run(in: session)) { first, _ in first }
            }
        }
        proofs = try Self.proofs(found)
    }

    /// What was measured; empty where the row or the interval does not occur.
    public subscript(_ row: RowKey, _ interval: Interval) -> LatencyStatistics {
        found[interval]?[row] ?? LatencyStatistics()
    }

    /// The rows in the order of the report, without the total.
    public var rows: [RowKey] { Set(found.values.flatMap(\.keys)).subtracting([.total]).sorted() }

    public func document(generatedAt: Timestamp) -> ReportDocument {
        let keys = rows + [.total]
        let cells = keys.flatMap { key in intervals.map { self.cells(key, $0) } }
        let sections = keys.map { key in
            LatencySection(key: key, lines: intervals.map { ($0, self[key, $0]) }, requirement: request.requirement)
        }
        return ReportDocument(
            request, generatedAt: generatedAt, table: Table(Self.columns, rows: cells), panels: sections.map(\.panel),
            method: Self.method, balance: proofs)
    }
}

extension ReportRequest {
    /// The standard intervals, and the required one if it is none of them.
    ///
    /// By destination, or by a clock that each destination has for itself, a granule's own intervals would be counted
    /// once for each, so only those of submissions are there.
    fileprivate var intervals: [Interval] {
        let extra = requirement.map(\.interval).flatMap { required in
            Interval.standard.contains { $0.spansSame(as: required) } ? nil : required
        }
        let all = Interval.standard + (extra.map { [$0] } ?? [])
        let isPerDestination = axis == .destination || Milestone.ofSubmissions.contains(clock)
        return isPerDestination ? all.filter(\.isOfSubmissions) : all
    }
}

extension LatencyReport {
    private static let columns: [Table.Column] = [
        .text("scope"), .text("name"), .text("from"), .text("to"), .text("owner"), .number("pairs"), .number("count"),
        .number("open"), .number("out_of_order"), .number("mean"), .number("min"), .number("p50"), .number("p90"),
        .number("p95"), .number("p99"), .number("max"), .number("requirement"), .number("within"),
        .number("within_share"),
    ]

    private static let method = [
        "percentiles by nearest rank: the value at place ceil(p * n / 100) of n sorted values; exact",
        "open = a milestone is missing; out of order = the later milestone is the earlier time; "
            + "neither is in count, mean or percentiles",
        "the granule's own intervals once for each granule, those of submissions once for each destination",
    ]

    private func cells(_ key: RowKey, _ interval: Interval) -> [Cell] {
        let statistics = self[key, interval]
        let measured = statistics.measured
        let values = measured.map { [$0.mean, $0.least, $0.p50, $0.p90, $0.p95, $0.p99, $0.most] }
        return [
            .text(key.scope.rawValue), .text(key.name), .text(interval.from.rawValue), .text(interval.to.rawValue),
            .text(interval.owner.rawValue), .integer(statistics.pairs), .integer(measured?.count ?? 0),
            .integer(statistics.open), .integer(statistics.outOfOrder),
        ] + (values?.map { .duration(.microseconds($0)) } ?? Array(repeating: .none, count: 7))
            + kept(interval, measured)
    }

    private func kept(_ interval: Interval, _ measured: LatencyStatistics.Measured?) -> [Cell] {
        guard let requirement = request.requirement, requirement.interval.spansSame(as: interval) else {
            return [.none, .none, .none]
        }
        return [
            .duration(requirement.limit), .integer(measured?.within ?? 0),
            measured.flatMap { Share($0.within, of: $0.count) }.map { .share($0) } ?? .none,
        ]
    }

    /// Every pair is measured, open or out of order, and the rows add up to the total, asked for by itself.
    private static func proofs(_ found: [Interval: [RowKey: LatencyStatistics]]) throws -> [Proof] {
        var pairs: Int64 = 0
        for rows in found.values {
            for (key, row) in rows {
                let sum = (row.measured?.count ?? 0) + row.open + row.outOfOrder
                try expectEqual(Amount(count: row.pairs), Amount(count: sum), equation, of: key)
            }
            let total = rows[.total]?.amount ?? Amount()
            let sum = rows.filter { $0.key != .total }.values.map(\.amount).reduce(Amount(), +)
            try expectEqual(total, sum, "total = sum of its rows", of: .total)
            pairs += total.count
        }
        return [Proof(equation: equation, count: pairs)]
    }

    private static let equation = "pairs = count + open + out_of_order"
}

extension LatencyStatistics {
    /// How many, and the whole seconds that they add up to.
    fileprivate var amount: Amount { Amount(count: pairs, sum: measured?.seconds ?? 0) }
}

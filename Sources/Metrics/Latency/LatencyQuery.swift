// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// The queries of one interval over `v_latency`, grouped by one axis.
struct LatencyQuery: Sendable {
    let interval: Interval
    let axis: CountAxis
    let request: ReportRequest

    /// How many pairs there are, how many are open and how many out of order.
    private var standing: String {
        """
        WITH pair AS (\(pairs))
        SELECT key1, key2, COUNT(*) AS n,
            COUNT(CASE WHEN started IS NULL OR finished IS NULL THEN 1 END) AS open,
            COUNT(CASE WHEN finished < started THEN 1 END) AS out_of_order
        FROM pair GROUP BY key1, key2
        """
    }

    /// Nearest rank: the value at place ⌈p · n / 100⌉ of n sorted values: one that occurred, none in between.
    private var measured: String {
        let ranks = [50, 90, 95, 99].map {
            "MAX(CASE WHEN place = (n * \($0) + 99) / 100 THEN latency END) AS p\($0)"
        }
        return """
            WITH pair AS (\(pairs)),
            ranked AS (
                SELECT key1, key2, finished - started AS latency,
                    ROW_NUMBER() OVER (PARTITION BY key1, key2 ORDER BY finished - started) AS place,
                    COUNT(*) OVER (PARTITION BY key1, key2) AS n
                FROM pair WHERE finished >= started)
            SELECT key1, key2, n, CAST(SUM(latency / 1000000) AS BIGINT) AS seconds,
                CAST(SUM(latency % 1000000) AS BIGINT) AS microseconds, MIN(latency) AS least, MAX(latency) AS most,
                COUNT(CASE WHEN latency <= ? THEN 1 END) AS within, \(ranks.joined(separator: ", "))
            FROM ranked GROUP BY key1, key2, n
            """
    }

    /// The view has a row for each destination, so a granule's own times are taken once.
    private var pairs: String {
        """
        SELECT \(interval.isOfSubmissions ? "" : "DISTINCT") granule_id, \(keys[0]) AS key1, \(keys[1]) AS key2,
            \(interval.from.latencyColumn) AS started, \(interval.to.latencyColumn) AS finished
        FROM v_latency
        WHERE \(interval.isOfSubmissions ? "destination IS NOT NULL" : "1 = 1")
            AND \(interval.isOfJobs ? "job_accepted_at IS NOT NULL" : "1 = 1")
            \(request.period.condition(on: request.clock.latencyColumn))
        """
    }

    private var keys: [String] {
        switch axis {
        case .collection: ["collection", "version"]
        case .day: [startOfDay(request.clock.latencyColumn), "NULL"]
        case .destination: ["destination", "NULL"]
        case .source, .total: ["NULL", "NULL"]
        }
    }

    /// Asks both questions.
    func run(in session: any SQLSession) throws -> [RowKey: LatencyStatistics] {
        var found: [RowKey: LatencyStatistics] = [:]
        for row in try session.query(standing, request.period.arguments) {
            found[try RowKey(axis, row)] = LatencyStatistics(
                pairs: try row.int64("n"), open: try row.int64("open"), outOfOrder: try row.int64("out_of_order"))
        }
        let limit = request.requirement.map(\.limit.microseconds) ?? -1
        for row in try session.query(measured, request.period.arguments + [limit]) {
            found[try RowKey(axis, row), default: LatencyStatistics()].measured = try LatencyStatistics.Measured(row)
        }
        return found
    }
}

extension LatencyStatistics.Measured {
    fileprivate init(_ row: SQLRow) throws {
        (count, within) = (try row.int64("n"), try row.int64("within"))
        (seconds, microseconds) = (try row.int64("seconds"), try row.int64("microseconds"))
        (least, most) = (try row.int64("least"), try row.int64("most"))
        (p50, p90) = (try row.int64("p50"), try row.int64("p90"))
        (p95, p99) = (try row.int64("p95"), try row.int64("p99"))
    }
}

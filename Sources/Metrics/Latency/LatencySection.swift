// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// One row of a latency report as people read it: a line for each interval that occurs, narrow enough for a terminal.
///
/// Machine formats keep every column; here stand those by which an operator judges.
struct LatencySection {
    let key: RowKey
    let lines: [(interval: Interval, statistics: LatencyStatistics)]
    let requirement: Requirement?

    var panel: ReportDocument.Panel {
        ReportDocument.Panel(caption: title + promise, content: .table(table))
    }

    private var title: String {
        key == .total ? "total" : "\(key.scope.rawValue) \(BytePath(key.name))"
    }

    private var table: Table {
        let occurring = lines.filter { $0.statistics.pairs > 0 }
        let shown = columns.filter { column in column.isAlways || occurring.contains { column.cell($0, $1) != .none } }
        return Table(
            shown.map(\.column), rows: occurring.map { line in shown.map { $0.cell(line.interval, line.statistics) } })
    }

    /// The requirement and who kept it stand in the caption, because they concern one line only.
    private var promise: String {
        guard let requirement, let line = lines.first(where: { requirement.interval.spansSame(as: $0.interval) }) else {
            return ""
        }
        let words = "required: \(span(line.interval)) within \(readable(requirement.limit))"
        guard let measured = line.statistics.measured, let share = Share(measured.within, of: measured.count) else {
            return "; \(words), nothing measured"
        }
        return "; \(words), kept by \(measured.within) of \(measured.count) (\(Cell.share(share).visible))"
    }
}

/// A column of a section, shown when anything stands in it.
private struct Column: Sendable {
    let column: Table.Column
    var isAlways = true
    let cell: @Sendable (Interval, LatencyStatistics) -> Cell

    static func duration(_ name: String, _ value: @escaping @Sendable (LatencyStatistics.Measured) -> Int64) -> Column {
        Column(column: .number(name)) { _, statistics in
            statistics.measured.map { .text(Duration.microseconds(value($0)).brief) } ?? .none
        }
    }

    static func remark(_ name: String, _ value: @escaping @Sendable (LatencyStatistics) -> Int64) -> Column {
        Column(column: .number(name), isAlways: false) { _, statistics in
            value(statistics) == 0 ? .none : .integer(value(statistics))
        }
    }
}

private let columns: [Column] = [
    Column(column: .text("interval")) { interval, _ in .text(span(interval)) },
    Column(column: .text("whose")) { interval, _ in
        .text(interval.owner == .queueing ? "queue" : interval.owner.rawValue)
    },
    Column(column: .number("count")) { _, statistics in .integer(statistics.measured?.count ?? 0) },
    .remark("open") { $0.open }, .remark("disordered") { $0.outOfOrder },
    .duration("mean") { $0.mean }, .duration("P50") { $0.p50 }, .duration("P90") { $0.p90 },
    .duration("P99") { $0.p99 },
    .duration("max") { $0.most },
]

private func span(_ interval: Interval) -> String { "\(interval.from.rawValue) → \(interval.to.rawValue)" }

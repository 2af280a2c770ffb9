// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCatalog
import GranaryCore
import GranaryMetrics

/// `granary report`: the books of the site; and with `--list`, what is behind one of their numbers.
///
/// What a report says is data: one that counts missing or quarantined files ends with exit code 0. One whose numbers
/// contradict each other is never printed.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Account for files, granules and submissions; measure latencies.",
        discussion: """
            Reports end with exit code 0, whatever they count: missing files are their content, not their failure.

              granary report accountability --period 2026-11 --by day
              granary report accountability --list files_quarantined --of SENTINEL_L1.001
              granary report latency --requirement archived..response-received=4h
              granary report delivery --list unacknowledged -o csv
            """)

    @Argument(help: "accountability, latency or delivery.")
    var kind: ReportRequest.Kind

    @Option(
        name: .long, help: "2026-11-21, 2026-11, 2026, START/END (end excluded), today, yesterday, month or last-month."
    )
    var period: String?

    @Option(name: .long, help: "The milestone by which rows fall into the period: observed, archived, submitted …")
    var clock: Milestone?

    @Option(name: .long, help: "collection, day or destination.")
    var by: ReportRequest.Axis?

    @Option(name: .long, help: "A promise about a latency, as FROM..TO=TIME: archived..response-received=4h.")
    var requirement: Requirement?

    @Option(
        name: .long, help: "The rows behind this number: a column's name, or “unacknowledged” of a delivery report.")
    var list: String?

    @Option(name: .long, help: "With --list: the report's row, by its name (default: the total).")
    var of: String?

    @OptionGroup var home: HomeOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard of == nil || list != nil else { throw ValidationError("--of needs --list.") }
        guard requirement == nil || kind == .latency else {
            throw ValidationError("--requirement is of latency reports only.")
        }
    }

    func run() async throws {
        let now = SystemClock().now()
        let request = try ReportRequest(
            kind, period: try period.map { try Period(parsing: $0, now: now) }, clock: clock, by: by,
            requirement: requirement, format: output.output)
        let (measure, row) = (list, of)
        guard let measure else {
            let report = try await home.reading { try $0.report(request, generatedAt: now) }
            return output.fields == nil
                ? standardOutput(report.rendered(as: output.output)) : try output.show(report.table)
        }
        try output.show(try await home.reading { try $0.list(measure, of: row, in: request) })
    }
}

extension SQLSession {
    /// The list behind a number of a report.
    fileprivate func list(_ measure: String, of name: String?, in request: ReportRequest) throws -> Table {
        if measure == "unacknowledged", request.kind == .delivery, name == nil {
            return try unacknowledged(in: request)
        }
        return try details(
            Measure(measure), of: try name.map { try row(called: $0, in: request) } ?? .total, in: request)
    }

    private func row(called name: String, in request: ReportRequest) throws -> RowKey {
        let rows =
            switch request.kind {
            case .accountability: try AccountabilityReport(request, in: self).rows
            case .delivery: try DeliveryReport(request, in: self).rows
            case .latency: [RowKey]()
            }
        if let row = rows.first(where: { BytePath($0.name) == BytePath(name) }) { return row }
        let nearest =
            Suggestion.nearest(to: name, among: rows.map(\.name)).map { " Did you mean \(BytePath($0))?" } ?? ""
        throw GranaryError(
            .notFound, "This report has no row \(BytePath(name)).\(nearest)", subject: name,
            remedy: "Take the name of a row from the report itself.")
    }
}

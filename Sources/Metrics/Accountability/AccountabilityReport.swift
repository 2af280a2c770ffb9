// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore

/// What came in, what became of it, what went out, what is missing: for each collection and source, or each day.
public struct AccountabilityReport: Sendable {
    private let request: ReportRequest
    private let tally: Tally
    private let proofs: [Proof]

    /// Counts what the session sees; throws `report.unbalanced` when the numbers contradict each other.
    public init(_ request: ReportRequest, in session: any SQLSession) throws {
        var tally = Tally()
        for count in AccountabilityCounts(clock: request.clock).all {
            for axis in Self.axes(request) { try session.count(count, by: axis, in: request.period, into: &tally) }
        }
        (self.request, self.tally) = (request, tally)
        proofs = try Self.equations.map { try $0.prove(tally) }
        try tally.proveTotals(Self.ofFiles + Self.ofGranules + Self.ofSubmissions, over: CountAxis(request.axis))
        if request.axis == .collection { try tally.proveTotals(Self.ofFiles, over: .source) }
    }

    /// What a row says; zero where the row or the measure does not occur.
    public subscript(_ row: RowKey, _ measure: Measure) -> Amount { tally[row, measure] }

    /// The rows in the order of the report, without the total.
    public var rows: [RowKey] { Self.axes(request).dropLast().flatMap(tally.keys) }

    public func document(generatedAt: Timestamp) -> ReportDocument {
        ReportDocument(
            request, generatedAt: generatedAt, table: table, panels: Self.panels, method: Self.method, balance: proofs)
    }

    private static func axes(_ request: ReportRequest) -> [CountAxis] {
        request.axis == .collection ? [.collection, .source, .total] : [CountAxis(request.axis), .total]
    }
}

extension AccountabilityReport {
    private static let ofFiles: [Measure] =
        [.promised, .promisedSeen, .missingFiles, .observed] + ArrivalState.allCases.map(Measure.files) + [.kept]
    private static let ofGranules: [Measure] =
        [.granules] + GranuleState.allCases.map(Measure.granules) + [.produced, .missingGranules]
    private static let ofSubmissions: [Measure] = [.submissions] + SubmissionState.allCases.map(Measure.submissions)

    private static let equations = [
        Equation(whole: .observed, parts: ArrivalState.allCases.map(Measure.files)),
        Equation(whole: .files(.archived), parts: [.kept]),
        Equation(whole: .promised, parts: [.promisedSeen, .missingFiles]),
        Equation(whole: .granules, parts: GranuleState.allCases.map(Measure.granules)),
        Equation(whole: .submissions, parts: SubmissionState.allCases.map(Measure.submissions)),
    ]

    private static let panels: [ReportDocument.Panel] = [
        panel("Files", [Measure.observed.name] + ArrivalState.allCases.map { Measure.files($0).name }),
        panel(
            "Volume of files",
            [.observed, .files(.archived), .files(.duplicate), .files(.quarantined), .files(.rejected)].map(bytes)),
        panel("Granules", [Measure.granules.name] + GranuleState.allCases.map { Measure.granules($0).name }),
        panel("Produced by jobs", [Measure.produced.name, bytes(.produced)]),
        panel("Submissions", ofSubmissions.map(\.name) + ["submissions_in_flight"]),
        panel("Missing", [Measure.promised, .missingFiles].map(\.name) + [Measure.missingGranules.name]),
    ]

    private static func panel(_ caption: String, _ fields: [String]) -> ReportDocument.Panel {
        ReportDocument.Panel(caption: caption, content: .fields(["scope", "name"] + fields))
    }

    private static func bytes(_ measure: Measure) -> String { measure.name + "_bytes" }

    private static let method = [
        "files fall into the period by their own time where the clock is available, observed or settled, "
            + "else by that of their granule",
        "granules fall into it by the clock, submissions with their granule, promises by when they were made",
        "in flight = pending + sent; the volume of a granule is that of its archived files",
    ]
}

extension AccountabilityReport {
    private var table: Table {
        let volumes: [Table.Column] = (Self.ofFiles + Self.ofGranules).flatMap {
            [.number($0.name, heading: $0.heading), .number(Self.bytes($0), heading: "\($0.heading) volume")]
        }
        let counts = Self.ofSubmissions.map { Table.Column.number($0.name, heading: $0.heading) }
        let inFlight = Table.Column.number("submissions_in_flight", heading: "in flight")
        let columns = [.text("scope"), .text("name")] + volumes + counts + [inFlight]
        return Table(columns, rows: (rows + [.total]).map(cells))
    }

    /// A source knows its files; granules and submissions have none, so those cells are empty, not zero.
    private func cells(_ key: RowKey) -> [Cell] {
        let inFlight = tally[key, .submissions(.pending)].count + tally[key, .submissions(.sent)].count
        let later =
            Self.ofGranules.flatMap { volume($0, key) } + Self.ofSubmissions.map { count($0, key) }
            + [.integer(inFlight)]
        return [.text(key.scope.rawValue), .text(key.name)] + Self.ofFiles.flatMap { volume($0, key) }
            + (key.scope == .source ? later.map { _ in .none } : later)
    }

    private func volume(_ measure: Measure, _ key: RowKey) -> [Cell] {
        [count(measure, key), .bytes(tally[key, measure].sum)]
    }

    private func count(_ measure: Measure, _ key: RowKey) -> Cell { .integer(tally[key, measure].count) }
}

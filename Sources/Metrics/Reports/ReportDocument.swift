// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A report that has been made: what it says, and what must be known to believe it.
public struct ReportDocument: Sendable {
    /// A part of the report that fits on a page.
    public struct Panel: Sendable {
        public enum Content: Sendable {
            /// Columns of the report's table, by name.
            case fields([String])
            /// A table of its own, arranged for people.
            case table(Table)
        }
        public var caption: String
        public var content: Content
    }

    public let request: ReportRequest
    public let generatedAt: Timestamp
    public let table: Table
    public let panels: [Panel]
    /// How numbers were found, for those who want to find them again.
    public let method: [String]
    /// The equations that held; a report of which one does not hold is never made.
    public let balance: [Proof]

    init(
        _ request: ReportRequest, generatedAt: Timestamp, table: Table, panels: [Panel], method: [String],
        balance: [Proof]
    ) {
        self.request = request
        self.generatedAt = generatedAt
        self.table = table
        self.panels = panels
        self.method = method
        self.balance = balance
    }

    /// False while rows can still fall into the period. Everything that the ledger held is always in.
    public var isComplete: Bool { request.period.map { $0.end <= generatedAt } ?? true }

    /// The report in one of the formats; the same document gives the same bytes every time.
    public func rendered(as format: OutputFormat) -> String {
        switch format {
        case .table: page
        case .json: json.text(pretty: true) + "\n"
        case .jsonl, .csv: table.rendered(as: format)
        }
    }

    /// The report as one JSON value: what it is about, then its rows, then its proofs.
    public var json: JSONValue {
        [
            "report": .string(request.kind.rawValue),
            "period": request.period.map {
                ["start": .string($0.start.description), "end": .string($0.end.description)]
            } ?? .null,
            "clock": .string(request.clock.rawValue),
            "by": .string(request.axis.rawValue),
            "generated_at": .string(generatedAt.description),
            "complete": .boolean(isComplete),
            "incomplete_because": isComplete ? .null : .string(stillRunning),
            "units": ["times": "UTC", "volumes": "bytes", "durations": "seconds", "shares": "percent"],
            "method": .array(method.map { .string($0) }),
            "rows": .array(table.records),
            "balance": .array(balance.map(\.json)),
        ]
    }

    private var page: String {
        let parts = panels.compactMap { panel in
            part(panel).map { "\(panel.caption)\n\($0.rendered(as: .table))" }
        }
        return ([heading] + parts).joined(separator: "\n")
    }

    private func part(_ panel: Panel) -> Table? {
        switch panel.content {
        case .fields(let names): try? table.selecting(names)
        case .table(let table): table
        }
    }

    private var heading: String {
        let title = request.kind.rawValue.prefix(1).uppercased() + request.kind.rawValue.dropFirst()
        let facts =
            [
                ("period", request.period.map { "\($0), end excluded" } ?? "everything"),
                ("clock", request.clock.rawValue), ("by", request.axis.rawValue),
                ("generated", generatedAt.description),
                ("complete", isComplete ? "true" : "false: \(stillRunning)"),
                ("units", "times in UTC, volumes in binary multiples (bytes), durations as h:mm:ss, s or ms"),
            ] + method.map { ("method", $0) } + balance.map { ("balance", $0.description) }
        return "\(title) report\n" + facts.map { aligned($0.0) + $0.1 + "\n" }.joined()
    }

    private var stillRunning: String { "the period is not over" }

    private func aligned(_ word: String) -> String { word + String(repeating: " ", count: 11 - word.count) }
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCatalog
import GranaryCore
import GranaryMetrics
import GranaryServer

/// `granary status`: the whole site on one screen.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what is where, how old the oldest of it is, and what needs an operator.",
        discussion:
            "It reads the ledger, with or without a running service. That something needs an operator is no failure."
    )

    @OptionGroup var home: HomeOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let summary = try await home.reading { try $0.statusSummary() }
        let isRunning = try await ControlClient(home: home.path).isRunning()
        let now = SystemClock().now()
        switch output.output {
        case .table where output.fields == nil: standardOutput(page(summary, isRunning, now))
        case .json where output.fields == nil: standardOutput(json(summary, isRunning).text(pretty: true))
        default: try output.show(summary.table(now: now))
        }
    }

    private func json(_ summary: StatusSummary, _ isRunning: Bool) -> JSONValue {
        var json = summary.json
        json["running"] = .boolean(isRunning)
        return json
    }

    private func page(_ summary: StatusSummary, _ isRunning: Bool, _ now: Timestamp) -> String {
        let table = summary.table(now: now)
        let shown = (try? table.selecting(["what", "group", "state", "count", "age"])) ?? table
        let head = "home     \(BytePath(home.path))\nservice  \(sentence(summary.node, isRunning, now))\n"
        return [head, table.rows.isEmpty ? "The ledger is empty.\n" : shown.rendered(as: .table), needs(summary)]
            .joined(separator: "\n")
    }

    private func sentence(_ node: StatusSummary.Node?, _ isRunning: Bool, _ now: Timestamp) -> String {
        guard let node else { return "never ran" }
        if isRunning {
            return
                "running as process \(node.processID) since \(node.startedAt), seen \((now - node.seenAt).brief) ago"
        }
        return node.stoppedAt.map { "not running; stopped in good order at \($0)" }
            ?? "not running; it did not stop in good order, its last sign was at \(node.seenAt)"
    }

    private func needs(_ summary: StatusSummary) -> String {
        guard !summary.attention.isEmpty else { return "Nothing needs an operator." }
        let table = Table(
            [.number("count"), .text("needs_an_operator"), .text("see")],
            rows: summary.attention.map { [.count($0.count), .text($0.what), .text($0.command)] })
        return table.rendered(as: .table)
    }
}

// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import GranaryCatalog
public import GranaryMetrics
import SystemPackage

/// How a command prints what it found: the one table model in four formats.
struct OutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "table, json, jsonl or csv.")
    var output: OutputFormat = .table

    @Option(name: .long, help: "Only these columns, separated by commas.")
    var fields: String?

    func show(_ table: Table) throws {
        let chosen = try fields.map { try table.selecting($0.split(separator: ",").map(String.init)) } ?? table
        standardOutput(chosen.rendered(as: output))
    }
}

extension OutputFormat: ExpressibleByArgument {}

/// Data goes to standard output, everything else to standard error.
func standardOutput(_ text: String) { write(text, to: .standardOutput) }

func standardError(_ text: String) { write(text, to: .standardError) }

/// A reader that has gone away, as `head` does, is no reason to fail.
private func write(_ text: String, to descriptor: FileDescriptor) {
    _ = try? descriptor.writeAll((text.hasSuffix("\n") || text.isEmpty ? text : text + "\n").utf8)
}

extension ActOutcome {
    /// Prints a line for each subject. Some not done: exit code 3; none done: 1.
    func show(_ options: OutputOptions, dryRun: Bool) throws {
        var table = Table([.text("subject"), .text("done"), .text("message")], rows: [])
        for line in lines { table.append([.text(line.subject), .text(line.done ? "yes" : "no"), .text(line.message)]) }
        try options.show(table)
        guard !dryRun, lines.contains(where: { !$0.done }) else { return }
        throw lines.contains(where: \.done) ? ExitCode.partial : ExitCode.failure
    }
}

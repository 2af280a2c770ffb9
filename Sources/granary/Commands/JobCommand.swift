// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCatalog
import GranaryCore
import GranaryMetrics

/// `granary job`: what ran, how it went, and what it wrote.
struct JobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "What ran, how it went, and what it wrote.",
        subcommands: [JobList.self, JobShow.self, JobLogs.self, JobRetry.self])
}

struct JobList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List jobs, newest first.")

    @OptionGroup var home: HomeOption
    @OptionGroup var options: ListOptions
    @OptionGroup var state: StateOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await home.show(.jobs, as: .jobs, options, and: [try state.condition(JobState.self)], output)
    }
}

struct JobShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one job: its attempts with command and exit code, what it read and made.")

    @Argument(help: "Its id, as `list` prints it.")
    var id: Int64

    @OptionGroup var home: HomeOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let id = id
        let found = try await home.reading { session in
            try session.trace(ofJob: id).map { ($0, try session.inputs(ofJob: id), try session.outputs(ofJob: id)) }
        }
        guard let (trace, inputs, outputs) = found else { throw notFound("job", id, "job") }
        var json = trace.json
        json["inputs"] = .array(inputs.map(\.json))
        json["outputs"] = .array(outputs.map(\.json))
        let commands = trace.attempts.map {
            ("Command of attempt \($0.number)", Part.lines([$0.commandLine, "in \($0.directory)"]))
        }
        try output.show(
            RecordTable.jobs.table([trace.job]), json: json,
            parts: [("Attempts", .jobAttempts(trace.attempts))] + commands
                + [("Read", .granules(inputs)), ("Made", .granules(outputs))])
    }
}

struct JobRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Give failed jobs a new life, with a full count of attempts.",
        discussion: "--where selects among those that failed.")

    @OptionGroup var home: HomeOption
    @OptionGroup var selection: ActSelection
    @OptionGroup var act: ActOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await home.act(.jobRetry, on: selection, .jobs, "state = '\(JobState.failed.rawValue)'", act, output)
    }
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCatalog
import GranaryCore
import GranaryMetrics

/// `granary quarantine`: what was set aside, why, and what an operator decides about it.
struct QuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine", abstract: "What was set aside, why, and what to do about it.",
        subcommands: [
            QuarantineList.self, QuarantineShow.self, QuarantineRetry.self, QuarantineRelease.self,
            QuarantineReject.self,
        ])

    static let condition = "state = '\(ArrivalState.quarantined.rawValue)'"
}

struct QuarantineList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List files that were set aside, newest first.")

    @OptionGroup var home: HomeOption
    @OptionGroup var options: ListOptions
    @OptionGroup var collection: CollectionOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await home.show(
            .arrivals, as: .arrivals, options, and: [QuarantineCommand.condition, collection.condition], output)
    }
}

struct QuarantineShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one file that came, why it is where it is, and what can be done.")

    @Argument(help: "Its id, as `list` prints it.")
    var id: Int64

    @OptionGroup var home: HomeOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let id = id
        let found = try await home.reading { session in
            try session.arrival(id).map { ($0, try session.events(of: .arrival, id)) }
        }
        guard let (arrival, events) = found else { throw notFound("arrival", id, "quarantine") }
        var json = RecordTable.arrivals.json(arrival)
        json["events"] = RecordTable.events.json(events)
        try output.show(
            RecordTable.arrivals.table([arrival]), json: json, parts: [("What happened to it", .events(events))])
    }
}

struct QuarantineRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Look at files again as if they had just come: after what was wrong was put right.")

    @OptionGroup var home: HomeOption
    @OptionGroup var selection: ActSelection
    @OptionGroup var act: ActOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await home.act(.quarantineRetry, on: selection, .arrivals, QuarantineCommand.condition, act, output)
    }
}

struct QuarantineRelease: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Accept files as they are, whatever was promised of them; the record says who did.")

    @OptionGroup var home: HomeOption
    @OptionGroup var selection: ActSelection
    @OptionGroup var act: ActOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await home.act(.quarantineRelease, on: selection, .arrivals, QuarantineCommand.condition, act, output)
    }
}

struct QuarantineReject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "reject", abstract: "Refuse files for good.")

    @OptionGroup var home: HomeOption
    @OptionGroup var selection: ActSelection
    @OptionGroup var act: ActOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await home.act(.quarantineReject, on: selection, .arrivals, QuarantineCommand.condition, act, output)
    }
}

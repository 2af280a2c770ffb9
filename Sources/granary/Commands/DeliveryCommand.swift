// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCatalog
import GranaryCore
import GranaryMetrics

/// `granary delivery`: what was announced to partners, and what they said to it.
struct DeliveryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delivery", abstract: "What was announced to partners, and what they answered.",
        subcommands: [DeliveryList.self, DeliveryShow.self, DeliveryResend.self])
}

struct DeliveryList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List submissions, newest first.")

    @OptionGroup var home: HomeOption
    @OptionGroup var options: ListOptions
    @OptionGroup var state: StateOption
    @OptionGroup var collection: CollectionOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let conditions = [try state.condition(SubmissionState.self), collection.condition]
        try await home.show(.deliveries, as: .deliveries, options, and: conditions, output)
    }
}

struct DeliveryShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one submission: every send, every answer; with -o json the message too.")

    @Argument(help: "Its id, or the identifier that its message carries.")
    var id: String

    @OptionGroup var home: HomeOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let word = id
        guard let (delivery, trace) = try await home.reading({ try $0.delivery(called: word) }) else {
            throw notFound("submission", word, "delivery")
        }
        var json = trace.json
        json["granule"] = delivery.granule.json
        try output.show(
            RecordTable.deliveries.table([delivery]), json: json,
            parts: [("Sends", .sends(trace.attempts)), ("Answers", .responses(trace.responses))])
    }
}

extension SQLSession {
    /// A submission by its id, else by its identifier.
    fileprivate func delivery(called word: String) throws -> (DeliveryRecord, SubmissionTrace)? {
        let known = try Int64(word).flatMap { try submission($0)?.id }
        let found =
            try known ?? first("SELECT id FROM submission WHERE identifier = ?", [word]).map { try $0.int64("id") }
        guard let found, let trace = try trace(ofSubmission: found),
            let granule = try granule(trace.submission.granuleID)
        else {
            return nil
        }
        return (DeliveryRecord(submission: trace.submission, granule: granule), trace)
    }
}

struct DeliveryResend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend", abstract: "Send submissions again: the same identifier, the same bytes.",
        discussion: "--where selects among those that are rejected or overdue.")

    @OptionGroup var home: HomeOption
    @OptionGroup var selection: ActSelection
    @OptionGroup var act: ActOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let condition = "state IN ('\(SubmissionState.rejected.rawValue)', '\(SubmissionState.overdue.rawValue)')"
        try await home.act(.deliveryResend, on: selection, .deliveries, condition, act, output)
    }
}

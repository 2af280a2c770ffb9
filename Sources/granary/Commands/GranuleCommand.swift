// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCatalog
import GranaryCore
import GranaryMetrics

/// `granary granule`: what the archive holds and expects, and the life of each.
struct GranuleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "granule", abstract: "What the archive holds and expects, and the life of each granule.",
        subcommands: [GranuleList.self, GranuleShow.self, GranuleTraceCommand.self])
}

struct GranuleList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List granules, newest first.")

    @OptionGroup var home: HomeOption
    @OptionGroup var options: ListOptions
    @OptionGroup var state: StateOption
    @OptionGroup var collection: CollectionOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let conditions = [try state.condition(GranuleState.self), collection.condition]
        try await home.show(.granules, as: .granules, options, and: conditions, output)
    }
}

struct GranuleShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one granule and its files.")

    @Argument(help: "Its id, its name, or COLLECTION.VERSION/NAME#REVISION.")
    var granule: String

    @OptionGroup var home: HomeOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let word = granule
        let (granule, files) = try await home.reading { session in
            let granule = try session.oneGranule(called: word)
            return (granule, try session.files(ofGranule: granule.id))
        }
        var json = granule.json
        json["files"] = RecordTable.files.json(files)
        try output.show(RecordTable.granules.table([granule]), json: json, parts: [("Files", .files(files))])
    }
}

struct GranuleTraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Tell the whole life of one granule, from its arrival to the partner's answer.",
        discussion: "-o json gives everything that the ledger knows; -o csv and jsonl give its events.")

    @Argument(help: "Its id, its name, or COLLECTION.VERSION/NAME#REVISION.")
    var granule: String

    @OptionGroup var home: HomeOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let word = granule
        let found = try await home.reading { try $0.trace(ofGranule: $0.oneGranule(called: word).id) }
        guard let trace = found else { throw notFound("granule", word, "granule") }
        switch output.output {
        case .table where output.fields == nil: standardOutput(trace.text)
        case .json where output.fields == nil: standardOutput(trace.json.text(pretty: true))
        default: try output.show(RecordTable.events.table(trace.events))
        }
    }
}

extension SQLSession {
    /// The granule that a word means; the newest where it means several, and standard error says so.
    ///
    /// Throws `not.found`, with the nearest name among the newest granules, when it means none.
    fileprivate func oneGranule(called word: String) throws -> GranuleRecord {
        let found = try granules(called: word)
        guard let newest = found.first else { throw try noGranule(called: word) }
        if found.count > 1 {
            let others = found.dropFirst().prefix(5).map { "\($0.id)" }.joined(separator: ", ")
            standardError(
                "\(found.count) granules are called so; this is the newest, \(newest.id). Others by id: \(others).")
        }
        return newest
    }

    private func noGranule(called word: String) throws -> GranaryError {
        let names = try page(of: .granules, PageRequest(limit: Limits.rowPage)).elements.map(\.identity.name)
        var error = notFound("granule", word, "granule")
        if let nearest = Suggestion.nearest(to: word, among: names) {
            error.message += " Did you mean \(BytePath(nearest))?"
        }
        return error
    }
}

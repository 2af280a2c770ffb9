// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCatalog
import GranaryCore
import GranaryMetrics
import SystemPackage

/// What an act is done to: ids, a file of ids, or everything that a filter selects.
struct ActSelection: ParsableArguments {
    @Argument(help: "Ids, as `list` prints them.")
    var ids: [Int64] = []

    @Option(name: .long, help: "A file of ids, one on a line; - for standard input.")
    var idsFrom: String?

    @Option(name: .long, help: "Everything that this CQL2 condition selects.")
    var `where`: String?

    func validate() throws {
        guard !ids.isEmpty || idsFrom != nil || self.where != nil else {
            throw ValidationError("Name what to act on: ids, --ids-from FILE or --where CONDITION.")
        }
    }

    /// The ids, each once, in the order given; what the filter finds, oldest first, behind them.
    ///
    /// The filter selects only what the act can be done to: `condition` says which those are.
    func resolved<Record: Identifiable & Sendable>(
        in home: HomeOption, _ list: LedgerList<Record>, _ condition: String
    ) async throws -> [Int64] where Record.ID == Int64 {
        var found = ids + (try idsFrom.map(listed) ?? [])
        if self.where != nil {
            let filter = try Filter.all(self.where, and: [condition], of: list.schema)
            found += try await home.reading { session in
                try session.pages(of: list, where: filter, PageRequest(limit: .max, order: .oldestFirst)).elements.map(
                    \.id)
            }
        }
        var seen: Set<Int64> = []
        return found.filter { seen.insert($0).inserted }
    }

    private func listed(_ file: String) throws -> [Int64] {
        try text(of: file).split(whereSeparator: \.isNewline).map(trimmed).filter { !$0.isEmpty && !$0.hasPrefix("#") }
            .map { line in
                guard let id = Int64(line) else {
                    throw GranaryError(
                        .invalid, "\(BytePath(String(line))) in \(file) is no id.", subject: file,
                        remedy: "Write one id on a line; `list -o csv --fields id` prints them.")
                }
                return id
            }
    }

    /// A header line `id`, as CSV has it, is no id and no mistake.
    private func trimmed(_ line: Substring) -> Substring {
        let word = line.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" && $0 != "\r" }
        return word == "id" ? "" : word
    }
}

/// The whole of a file, or of standard input for `-`.
private func text(of file: String) throws -> String {
    do {
        guard file != "-" else { return String(decoding: try bytes(of: .standardInput), as: UTF8.self) }
        let descriptor = try FileDescriptor.open(FilePath(file), .readOnly)
        return String(decoding: try descriptor.closeAfter { try bytes(of: descriptor) }, as: UTF8.self)
    } catch let error as Errno {
        throw GranaryError(
            .notFound, "\(BytePath(file)) cannot be read: \(error).", subject: file,
            remedy: "Name a file of ids, or - for standard input.",
            cause: error)
    }
}

private func bytes(of descriptor: FileDescriptor) throws -> [UInt8] {
    var all: [UInt8] = []
    while true {
        let part = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        guard !part.isEmpty else { return all }
        all += part
    }
}

extension HomeOption {
    /// Does an act to everything selected, in portions, and prints a line for each.
    func act<Record: Identifiable & Sendable>(
        _ verb: OperatorAct.Verb, on selection: ActSelection, _ list: LedgerList<Record>, _ condition: String,
        _ options: ActOptions, _ output: OutputOptions
    ) async throws where Record.ID == Int64 {
        let ids = try await selection.resolved(in: self, list, condition)
        standardError("\(ids.count) selected\(options.dryRun ? "; a dry run changes nothing" : "").")
        var outcome = ActOutcome(lines: [])
        for start in stride(from: 0, to: ids.count, by: Limits.rowPage) {
            let portion = ids[start..<min(start + Limits.rowPage, ids.count)]
            outcome.lines += try await perform(
                OperatorAct(
                    verb, subjects: portion.map(String.init), actor: options.actorName, reason: options.reason,
                    dryRun: options.dryRun)
            ).lines
        }
        try outcome.show(output, dryRun: options.dryRun)
    }
}

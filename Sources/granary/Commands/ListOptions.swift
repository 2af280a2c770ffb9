// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCatalog
import GranaryCore
import GranaryMetrics

/// What every `list` can be asked for.
struct ListOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "A CQL2 condition, such as \"state = 'failed' AND ended > TIMESTAMP('2026-11-21T00:00:00Z')\".")
    var `where`: String?

    @Option(name: .long, help: "At most so many rows.")
    var limit = 100

    @Option(name: .long, help: "Go on after this id: what the list before said at its end.")
    var after: Int64?

    @Flag(name: .long, help: "Oldest first, instead of newest.")
    var oldestFirst = false

    @Flag(name: .long, help: "Print only how many there are.")
    var count = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    }
}

/// `--state`, for lists of more than one.
struct StateOption: ParsableArguments {
    @Option(name: .long, help: "Only in this state; can be given several times.")
    var state: [String] = []

    /// Throws `input.invalid` with the nearest word when a state is none: it would quietly select nothing.
    func condition<State: LifeState>(_: State.Type) throws -> String? {
        for word in state where State(rawValue: word) == nil { throw unknown(word, State.allCases.map(\.rawValue)) }
        return state.isEmpty ? nil : "state IN (\(state.map { "'\($0)'" }.joined(separator: ", ")))"
    }

    private func unknown(_ word: String, _ known: [String]) -> GranaryError {
        let nearest = Suggestion.nearest(to: word, among: known).map { " Did you mean \($0)?" } ?? ""
        return GranaryError(
            .invalid, "There is no state \(BytePath(word)) here.\(nearest)", subject: word,
            remedy: "Choose from: \(known.joined(separator: ", ")).")
    }
}

/// `--collection`, for lists of what belongs to one.
struct CollectionOption: ParsableArguments {
    @Option(name: .long, help: "Only of this collection: NAME or NAME.VERSION.")
    var collection: String?

    /// Names and versions hold dots themselves, so every way to part the word is asked for.
    var condition: String? {
        guard let collection else { return nil }
        let parted = collection.indices.filter { collection[$0] == "." }.map { dot in
            let (name, version) = (collection[..<dot], collection[collection.index(after: dot)...])
            return "(collection = \(literal(name)) AND version = \(literal(version)))"
        }
        return (["collection = \(literal(collection[...]))"] + parted).joined(separator: " OR ")
    }

    private func literal(_ text: Substring) -> String {
        "'\(text.unicodeScalars.map { $0 == "'" ? "''" : String($0) }.joined())'"
    }
}

extension Filter {
    /// All the conditions together; nil when there is none. `written` is the user's own and is checked by itself, so
    /// that a complaint about it counts its own columns.
    static func all(_ written: String?, and conditions: [String?], of schema: FilterSchema) throws -> Filter? {
        if let written { try Filter(parsing: written).check(against: schema) }
        let parts = ([written] + conditions).compactMap(\.self).map { "(\($0))" }
        return parts.isEmpty ? nil : try Filter(parsing: parts.joined(separator: " AND "))
    }
}

extension HomeOption {
    /// Prints a list, or only its length, as the options ask.
    func show<Record>(
        _ list: LedgerList<Record>, as columns: RecordTable<Record>, _ options: ListOptions, and conditions: [String?],
        _ output: OutputOptions
    ) async throws {
        let filter = try Filter.all(options.where, and: conditions, of: list.schema)
        guard !options.count else {
            let count = try await reading { try $0.count(of: list, where: filter) }
            guard output.output != .table else { return standardOutput("\(count)") }
            return try output.show(Table([.number("count")], rows: [[.count(count)]]))
        }
        let request = PageRequest(
            after: options.after, limit: options.limit, order: options.oldestFirst ? .oldestFirst : .newestFirst)
        let page = try await reading { try $0.pages(of: list, where: filter, request) }
        try output.show(columns.table(page.elements), brief: columns.brief)
        if let next = page.next {
            standardError("There are more: go on with --after \(next), or ask for more with --limit.")
        }
    }
}

extension SQLSession {
    /// As many elements as the request asks for, in one snapshot; the ledger gives `Limits.rowPage` at once.
    func pages<Element>(
        of list: LedgerList<Element>, where filter: Filter?, _ request: PageRequest
    ) throws -> Page<Element> {
        var request = request
        var all = Page<Element>(elements: [], next: nil)
        repeat {
            let page = try page(of: list, where: filter, request)
            all.elements += page.elements
            (all.next, request.after) = (page.next, page.next)
            request.limit -= page.elements.count
        } while all.next != nil && request.limit > 0
        return all
    }
}

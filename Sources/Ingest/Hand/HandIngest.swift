// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
public import GranaryCore
internal import Synchronization

/// Takes in files that an operator hands over, by the same path as a watcher, once. They are finished by the operator's word.
public struct HandIngest: Sendable {
    let watcher: StagingWatcher

    /// - Parameters:
    ///   - watcher: the one whose staging area holds the files.
    ///   - selects: which paths of it are handed over; the manifests beside them are read in any case.
    public init(through watcher: StagingWatcher, selects: @escaping @Sendable (BytePath) -> Bool) {
        var watcher = watcher
        watcher.configuration.settle = .immediate
        watcher.selects = { selects($0) || ManifestName($0) != nil }
        self.watcher = watcher
    }

    /// Takes the files in, and says of each what has become of it.
    public func take() async throws -> [HandedFile] {
        let seen = SeenEntries()
        var watcher = watcher
        watcher.sees = { seen.add($0) }
        // What came twice, as the same name in two folders, is judged in a second look against the first. A look that decides
        // nothing, or leaves nothing, is the last: what was put off then is left to the watcher.
        var look = try await watcher.scanOnce()
        while look.taken > 0, try await isUndecided() { look = try await watcher.scanOnce() }
        var files: [HandedFile] = []
        for page in seen.pages { files += try await states(of: page) }
        return files
    }

    /// Everything but the effects: reads every byte, and says what would become of each file.
    public func rehearse() async throws -> [HandedFile] {
        var rehearsal = HandRehearsal(watcher: watcher)
        for try await page in watcher.source.entries() {
            for entry in page where watcher.selects(entry.path) { try await rehearsal.look(at: entry) }
        }
        return try await rehearsal.finish()
    }

    private func isUndecided() async throws -> Bool {
        let name = watcher.configuration.name
        return try await watcher.catalog.read { session in
            try session.first("SELECT id FROM arrival WHERE source = ? AND ended_at IS NULL LIMIT 1", [name]) != nil
        }
    }

    private func states(of page: [StoreEntry]) async throws -> [HandedFile] {
        let name = watcher.configuration.name
        return try await watcher.catalog.read { session in
            try page.map { entry in
                let arrival = try session.first(
                    "SELECT state, reason, remedy FROM arrival WHERE source = ? AND path = ? AND generation = ?",
                    [name, entry.path, entry.generation])
                return try HandedFile(entry, arrival)
            }
        }
    }
}

/// What the looks at a source have shown, each path as it was seen last.
private final class SeenEntries: Sendable {
    private let entries = Mutex<[BytePath: StoreEntry]>([:])

    func add(_ page: [StoreEntry]) {
        entries.withLock { entries in for entry in page { entries[entry.path] = entry } }
    }

    /// In the order of their paths.
    var pages: some Sequence<[StoreEntry]> {
        let all = entries.withLock { $0.values.sorted { $0.path < $1.path } }
        return stride(from: 0, to: all.count, by: Limits.listingPage).lazy.map {
            Array(all[$0..<min($0 + Limits.listingPage, all.count)])
        }
    }
}

/// What has become, or would become, of one file.
public struct HandedFile: Sendable, Hashable {
    public var path: BytePath
    public var size: Int64
    /// A state of the ledger, or in a rehearsal what would happen.
    public var verdict: String
    public var reason: String?
    public var remedy: String?
    /// Whether it needs nobody's attention.
    public var isGood: Bool
}

extension HandedFile {
    fileprivate init(_ entry: StoreEntry, _ arrival: SQLRow?) throws {
        let state: ArrivalState? = try arrival?.word("state")
        self.init(
            path: entry.path, size: entry.size, verdict: state?.rawValue ?? "not seen",
            reason: try arrival?.optionalText("reason"), remedy: try arrival?.optionalText("remedy"),
            isGood: state?.isGoodEnd ?? false)
    }
}

extension ArrivalState {
    fileprivate var isGoodEnd: Bool { self == .archived || self == .duplicate || self == .ignored }
}

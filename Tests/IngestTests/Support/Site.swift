// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryIngest
import GranaryTesting
import Testing

/// A staging area, an archive and a ledger; fresh for each test. Watchers are made anew for each look, as after a restart.
final class Site {
    let clock = ManualClock()
    let temporary: TemporaryCatalog
    let staging: any Store
    let archive: any ArchiveStore
    var collection: Collection
    var configuration = WatcherConfiguration(name: "staging")
    var reactions: [any ArchivalReaction] = []

    var catalog: Catalog { temporary.catalog }

    init(
        staging: any Store, archive: any ArchiveStore = MemoryStore(location: "memory://archive"),
        _ change: (inout Collection) -> Void = { _ in }
    ) throws {
        temporary = try TemporaryCatalog(clock: clock)
        self.staging = staging
        self.archive = archive
        collection = try Self.collection()
        change(&collection)
    }

    static func collection(_ name: String = "L2", files: [FileRule]? = nil) throws -> Collection {
        let rules =
            try files ?? [
                rule(#"(?<granule>g[^.]*)\.nc"#, .data, "data"),
                rule(#"(?<granule>g[^.]*)\.met"#, .metadata, "metadata"),
                rule(#"(?<granule>g[^.]*)\.png"#, .browse, "browse", isRequired: false),
            ]
        return Collection(
            id: CollectionID(name: name, version: "1"), provider: "SIPS", files: rules, checksums: .compute)
    }

    static func rule(_ pattern: String, _ type: FileType, _ name: String, isRequired: Bool = true) throws -> FileRule {
        FileRule(pattern: try Pattern(pattern, isFull: true), type: type, name: name, isRequired: isRequired)
    }

    var names: NameRecognizer { NameRecognizer([collection]) }

    var ingester: Ingester { Ingester(catalog: catalog, archive: archive, names: names, reactions: reactions) }

    func watcher(_ wakeUps: any WakeUps = NoWakeUps()) -> StagingWatcher {
        StagingWatcher(configuration, source: staging, ingester: ingester, wakeUps: wakeUps)
    }

    @discardableResult
    func scan() async throws -> ScanSummary { try await watcher().scanOnce() }

    /// Enough looks, far enough apart, for everything that rests to count as finished, and once more for what follows.
    func settle() async throws {
        for _ in 0..<3 {
            try await scan()
            clock.advance(by: .seconds(5))
        }
    }
}

extension Site {
    struct Seen: Equatable, CustomStringConvertible {
        var state: ArrivalState
        var code: String?
        var description: String { "\(state.rawValue) \(code ?? "-")" }
    }

    func arrivals(_ path: BytePath? = nil) async throws -> [ArrivalRecord] {
        try await catalog.read { session in
            try session.query("SELECT * FROM arrival ORDER BY id").map(ArrivalRecord.init(row:))
                .filter { path == nil || $0.path == path }
        }
    }

    /// The state and reason of the latest generation of a path.
    func seen(_ path: BytePath) async throws -> Seen? {
        try await arrivals(path).last.map { Seen(state: $0.state, code: $0.reasonCode) }
    }

    func state(_ path: BytePath) async throws -> ArrivalState? { try await seen(path)?.state }

    func granules(_ name: String) async throws -> [GranuleRecord] {
        let identity = GranuleID(collection: collection.id, name: name)
        return try await catalog.read { try $0.revisions(of: identity) }
    }

    func files(of granule: GranuleRecord) async throws -> [FileRecord] {
        try await catalog.read { try $0.files(ofGranule: granule.id) }
    }

    /// The ledger and the archive agree with what must always hold.
    func expectSound(_ hint: Comment? = nil, at location: SourceLocation = #_sourceLocation) async throws {
        let findings = try await CatalogCheck().findings(in: catalog)
        #expect(findings.map(\.sentence) == [], hint, sourceLocation: location)
        let files = try await catalog.read { try $0.query("SELECT * FROM file").map(FileRecord.init(row:)) }
        for file in files {
            let bytes = try await archive.read(file.archivePath, limit: 64 << 20)
            #expect(Checksum(.sha256, of: bytes) == file.sha256, hint, sourceLocation: location)
        }
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func md5(_ text: String) -> String { Checksum(.md5, of: bytes(text)).hex }

/// A reaction that refuses granules of one name.
struct Refusal: ArchivalReaction {
    var granule: String

    func granuleArchived(
        _ granule: GranuleRecord, files: [FileRecord], in session: any SQLSession, at moment: Timestamp
    )
        throws
    {
        if granule.identity.name == self.granule { throw GranaryError.planned() }
    }
}

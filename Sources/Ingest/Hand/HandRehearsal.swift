// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// A take-in without a ledger: entries are sorted in memory, and each granule is rehearsed.
struct HandRehearsal {
    let watcher: StagingWatcher
    private var members: [BytePath: [(entry: StoreEntry, name: RecognizedName)]] = [:]
    private var promises: [BytePath: [Checksum]] = [:]
    private var files: [HandedFile] = []

    init(watcher: StagingWatcher) { self.watcher = watcher }

    mutating func look(at entry: StoreEntry) async throws {
        do {
            switch try Triage(entry, by: watcher.configuration, names: watcher.ingester.names) {
            case .member(let name): members[BytePath("\(name.collection)/\(name.granule)"), default: []].append((entry, name))
            case .manifest(let manifest): try await read(manifest, entry)
            case .unknown: add(entry, "would be quarantined", .unknown)
            case .ended(let state, let reason):
                add(entry, "would be \(state.rawValue)", reason, isGood: state == .ignored)
            }
        } catch let error as GranaryError where error.disposition == .quarantine {
            add(entry, "would be quarantined", Reason(error))
        }
    }

    private mutating func read(_ manifest: ManifestName, _ entry: StoreEntry) async throws {
        let content = try await watcher.source.read(entry.path, limit: Limits.manifestBytes)
        for promise in try ManifestParser.promises(of: manifest, content: content) {
            promises[promise.path, default: []].append(promise.checksum)
        }
        add(entry, "would be read as a manifest", nil, isGood: true)
    }

    mutating func finish() async throws -> [HandedFile] {
        for key in members.keys.sorted() { try await rehearse(members[key] ?? []) }
        return files
    }

    private mutating func rehearse(_ group: [(entry: StoreEntry, name: RecognizedName)]) async throws {
        guard let first = group.first, let collection = watcher.ingester.names.collection(first.name.collection) else {
            return
        }
        let offer = offer(group, of: collection)
        if let obstacle = try await watcher.obstacle(to: offer, accepted: [], collection) {
            for member in group { add(member.entry, "would wait", obstacle.reason) }
            return
        }
        let verdict = try await watcher.ingester.rehearse([offer])[0]
        for member in group {
            let reason = verdict.reason.map { Reason("rehearsal", $0, remedy: verdict.remedy ?? "") }
            add(
                member.entry, verdict.verdict.rawValue, reason,
                isGood: verdict.verdict == .archive || verdict.verdict == .duplicate)
        }
    }

    private func offer(_ group: [(entry: StoreEntry, name: RecognizedName)], of collection: Collection) -> GranuleOffer
    {
        GranuleOffer(
            source: watcher.configuration.name, store: watcher.source, collection: collection.id,
            granule: group[0].name.granule, provider: collection.provider,
            files: group.map { entry, name in
                OfferedFile(entry: entry, name: name.name, type: name.type, checksums: promises[entry.path] ?? [])
            },
            readiness: .manifest, processingType: collection.processingType, settledAt: watcher.catalog.clock.now())
    }

    private mutating func add(_ entry: StoreEntry, _ verdict: String, _ reason: Reason?, isGood: Bool = false) {
        files.append(
            HandedFile(
                path: entry.path, size: entry.size, verdict: verdict, reason: reason?.text, remedy: reason?.remedy,
                isGood: isGood))
    }
}

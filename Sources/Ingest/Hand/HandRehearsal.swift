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
            case .member(let name): members[name.identity.granuleKey, default: []].append((entry, name))
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
        for promise in try ManifestParser.promises(of: manifest, content: content, isSettled: true) {
            promises[promise.path, default: []].append(promise.checksum)
        }
        add(entry, "would be read as a manifest", nil, isGood: true)
    }

    mutating func finish() async throws -> [HandedFile] {
        for key in members.keys.sorted() { try await rehearse(firstOfEachName(members[key] ?? [])) }
        return files
    }

    /// What came twice would be judged in a second look, against what becomes of the first.
    private mutating func firstOfEachName(_ group: [(entry: StoreEntry, name: RecognizedName)]) -> [(
        entry: StoreEntry, name: RecognizedName
    )] {
        var seen: Set<BytePath> = []
        return group.filter { member in
            let isFirst = seen.insert(member.name.name).inserted
            if !isFirst { add(member.entry, "would wait", .sameNameFirst) }
            return isFirst
        }
    }

    private mutating func rehearse(_ group: [(entry: StoreEntry, name: RecognizedName)]) async throws {
        guard let first = group.first, let collection = watcher.ingester.names.collection(first.name.collection) else {
            return
        }
        let offer = offer(group, of: collection)
        let mayBePart = try await isArchived(offer)
        if let obstacle = try collection.obstacle(to: offer, accepted: [], mayBePart: mayBePart) {
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

    private func isArchived(_ offer: GranuleOffer) async throws -> Bool {
        let identity = GranuleID(collection: offer.collection, name: offer.granule)
        return try await watcher.catalog.read { try $0.revisions(of: identity).contains { $0.archivedAt != nil } }
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

extension Reason {
    fileprivate static let sameNameFirst = Reason(
        "granule.same-name", "Another file of the same name goes first; this one is compared with it.",
        remedy: "Nothing to do.")
}

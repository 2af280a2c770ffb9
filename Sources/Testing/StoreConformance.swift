// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// The contracts of `Store` and `ArchiveStore`, checked on any implementation.
///
/// Each check gets a fresh and empty store. Give them to a parameterised test one by one
/// (`arguments: StoreConformance.checks`).
public enum StoreConformance {
    /// What every store promises to those who read from it.
    public static let checks: [ConformanceCheck<SourceUnderTest>] = readingChecks

    /// What an archive promises besides; the files come out of a `MemoryStore`.
    public static let archiveChecks: [ConformanceCheck<any ArchiveStore>] = stagingChecks + publishingChecks
}

let conformanceBytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

extension ArchiveStore {
    /// Stages files, given as target and bytes, out of memory.
    func stage(bytes files: [(BytePath, [UInt8])]) async -> [Result<StagedFile, GranaryError>] {
        let source = MemoryStore()
        var requests: [StageRequest] = []
        for (index, (target, bytes)) in files.enumerated() {
            let path = BytePath("file-\(index)")
            source.put(path, bytes)
            let generation = try? await source.entry(at: path)?.generation
            requests.append(StageRequest(path: path, generation: generation ?? "", target: target, digests: [.md5]))
        }
        return await stage(requests, from: source)
    }

    func publish(bytes: [UInt8], at target: BytePath) async throws -> PublishOutcome {
        let staged = try await stage(bytes: [(target, bytes)]).map { try $0.get() }
        return try await publish(staged)[0].get()
    }
}

extension Store {
    /// All entries of a listing.
    func listing() async throws -> [StoreEntry] {
        var all: [StoreEntry] = []
        for try await page in entries() { all += page }
        return all
    }
}

/// The code with which something failed, nil when it did not.
func failureCode(_ body: () async throws -> Void) async -> GranaryError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? GranaryError)?.code ?? "other"
    }
}

private let stagingChecks: [ConformanceCheck<any ArchiveStore>] = [
    ConformanceCheck("staging gives size and digests of the bytes, and shows nothing") { store, expect in
        let staged = try await store.stage(bytes: [("a/b.dat", conformanceBytes)])[0].get()
        try expect(staged.size == 200_000, "the size is \(staged.size), not 200000")
        for algorithm in [Checksum.Algorithm.md5, .sha256] {
            let expected = Checksum(algorithm, of: conformanceBytes)
            try expect(staged.digests[algorithm] == expected, "\(algorithm) is not the one of the bytes")
        }
        try expect(try await store.listing().isEmpty, "a staged file appears in the listing")
        try expect(try await store.entry(at: "a/b.dat") == nil, "the target is there before it was published")
    },
    ConformanceCheck("a failure of one file does not touch its neighbours") { store, expect in
        let source = MemoryStore()
        source.put("good", [1, 2, 3])
        let generation = try await source.entry(at: "good")?.generation ?? ""
        let results = await store.stage(
            [
                StageRequest(path: "good", generation: generation, target: "one"),
                StageRequest(path: "missing", generation: generation, target: "two"),
                StageRequest(path: "good", generation: "another", target: "three"),
                StageRequest(path: "good", generation: generation, target: "four"),
            ], from: source)
        try expect(results.count == 4, "four requests have \(results.count) results")
        for (index, good) in [true, false, false, true].enumerated() {
            try expect(((try? results[index].get()) != nil) == good, "file \(index) went the wrong way")
        }
        let code = await failureCode { _ = try results[2].get() }
        try expect(code == .sourceChanged, "another generation gives \(code ?? "no error")")
    },
    ConformanceCheck("a source that changes while it is read gives source.changed and leaves nothing") {
        store, expect in
        let source = MemoryStore()
        source.put("file", conformanceBytes)
        let generation = try await source.entry(at: "file")?.generation ?? ""
        source.whileSending { source, path, sent in
            if sent == 64 << 10 { source.put(path, conformanceBytes + [0]) }
        }
        let results = await store.stage(
            [StageRequest(path: "file", generation: generation, target: "target")], from: source)
        let code = await failureCode { _ = try results[0].get() }
        try expect(code == .sourceChanged, "the error is \(code ?? "none")")
        try expect(try await store.entry(at: "target") == nil, "something was published")
    },
    ConformanceCheck("discarded copies can't be published, and discarding twice does no harm") { store, expect in
        let staged = try await store.stage(bytes: [("gone", [1])]).map { try $0.get() }
        await store.discard(staged)
        await store.discard(staged)
        let published = await store.publish(staged)
        try expect((try? published[0].get()) == nil, "a discarded copy was published")
        try expect(try await store.entry(at: "gone") == nil, "a discarded copy is there")
    },
    ConformanceCheck("no path leaves the root") { store, expect in
        for path: BytePath in [
            "../evil", "/etc/evil", "a/../../evil", "a//b", "", ".", "a/./b", BytePath([97, 0, 98]),
        ] {
            let staged = await store.stage(bytes: [(path, [1])])
            let code = await failureCode { _ = try staged[0].get() }
            try expect(code == .pathRefused, "the target '\(path)' gives \(code ?? "no error")")
            let read = await failureCode { _ = try await store.read(path, limit: 10) }
            try expect(read == .pathRefused, "reading '\(path)' gives \(read ?? "no error")")
        }
    },
]

private let publishingChecks: [ConformanceCheck<any ArchiveStore>] = [
    ConformanceCheck("a published file is whole, listed and readable") { store, expect in
        try expect(try await store.publish(bytes: conformanceBytes, at: "x/y/z.dat") == .published, "not published")
        let entry = try expect.value(try await store.entry(at: "x/y/z.dat"), "the entry is missing")
        try expect(entry.kind == .file && entry.size == 200_000, "the entry is \(entry)")
        try expect(try await store.listing() == [entry], "the listing does not show just that entry")
        try expect(try await store.read("x/y/z.dat", limit: 200_000) == conformanceBytes, "other bytes are read")
    },
    ConformanceCheck("a published file is never overwritten") { store, expect in
        _ = try await store.publish(bytes: [1, 2, 3], at: "file")
        try expect(
            try await store.publish(bytes: [1, 2, 3], at: "file") == .alreadyThere, "same bytes are not a repeat")
        let conflict = PublishOutcome.conflict(Checksum(.sha256, of: [1, 2, 3]))
        try expect(try await store.publish(bytes: [3, 2, 1], at: "file") == conflict, "other bytes are not a conflict")
        try expect(try await store.publish(bytes: [1, 2, 3, 4], at: "file") == conflict, "more bytes are no conflict")
        try expect(try await store.read("file", limit: 9) == [1, 2, 3], "the first bytes are not there any more")
    },
    ConformanceCheck("of several publishers of one path exactly one publishes") { store, expect in
        let outcomes = try await withThrowingTaskGroup(of: PublishOutcome.self) { group in
            for _ in 0..<8 { group.addTask { try await store.publish(bytes: conformanceBytes, at: "race/target") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try expect(outcomes.count { $0 == .published } == 1, "published: \(outcomes)")
        try expect(outcomes.count { $0 == .alreadyThere } == 7, "already there: \(outcomes)")
    },
    ConformanceCheck("a batch is published whole, in the order of the requests") { store, expect in
        let files = (0..<50).map { (BytePath("d\($0 % 12)/f\($0)"), Array(repeating: UInt8($0), count: $0)) }
        let staged = try await store.stage(bytes: files).map { try $0.get() }
        try expect(staged.map(\.target) == files.map(\.0), "the results are in another order")
        for result in await store.publish(staged) { try expect(try result.get() == .published, "not published") }
        for (path, bytes) in files { try expect(try await store.read(path, limit: 50) == bytes, "'\(path)' differs") }
    },
    ConformanceCheck("a path is bytes: names that look alike stay apart") { store, expect in
        let names: [BytePath] = [
            "caf\u{E9}", "cafe\u{301}", BytePath([0x63, 0xFF, 0x64]), "line\nbreak", " ", "%2e%2e",
        ]
        // Names that are not UTF-8 are no keys of object stores: they are refused, never changed.
        var refused: [BytePath] = []
        for name in names {
            let code = await failureCode {
                await store.discard([try await store.stage(bytes: [(name, [0])])[0].get()])
            }
            if code == .pathRefused { refused.append(name) }
        }
        try expect(refused.allSatisfy { $0.text == nil }, "'\(refused)' are refused")
        let known = names.filter { !refused.contains($0) }
        for (index, name) in known.enumerated() {
            try expect(try await store.publish(bytes: [UInt8(index)], at: name) == .published, "'\(name)' is refused")
        }
        try expect(Set(try await store.listing().map(\.path)) == Set(known), "the listing shows other names")
        for (index, name) in known.enumerated() {
            try expect(try await store.read(name, limit: 1) == [UInt8(index)], "'\(name)' holds another's bytes")
        }
    },
]

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A store to read from, with another way to put files into it: a provider's.
public struct SourceUnderTest: Sendable {
    public var store: any Store
    /// Puts a file there, whole, in place of what was there.
    public var put: @Sendable (BytePath, [UInt8]) async throws -> Void
    /// False for stores that nothing can be removed from: `remove` then fails with `access.denied`.
    public var canRemove = true
    /// Names that the protocol or the server behind it cannot carry.
    public var cannotName: @Sendable (BytePath) -> Bool = { _ in false }

    public init(_ store: any Store, put: @escaping @Sendable (BytePath, [UInt8]) async throws -> Void) {
        self.store = store
        self.put = put
    }

    /// An archive, into which files are put as archives are filled.
    public init(_ archive: any ArchiveStore) {
        self.init(archive) { path, bytes in _ = try await archive.publish(bytes: bytes, at: path) }
    }
}

let readingChecks: [ConformanceCheck<SourceUnderTest>] = [
    ConformanceCheck("an empty store lists nothing, and nothing is at any path") { source, expect in
        try expect(try await source.store.listing().isEmpty, "the listing is not empty")
        try expect(try await source.store.entry(at: "no/such/file") == nil, "there is an entry")
        let code = await failureCode { _ = try await source.store.read("no/such/file", limit: 1) }
        try expect(code == .notFound, "reading gives \(code ?? "no error")")
    },
    ConformanceCheck("a file is listed as it is found alone, and read whole") { source, expect in
        try await source.put("x/y/z.dat", conformanceBytes)
        let entry = try expect.value(try await source.store.entry(at: "x/y/z.dat"), "the entry is missing")
        try expect(entry.kind == .file && entry.size == 200_000, "the entry is \(entry)")
        let listing = try await source.store.listing()
        try expect(listing.map(\.path) == ["x/y/z.dat"], "the listing shows \(listing.map(\.path))")
        try expect(listing[0].generation == entry.generation, "\(listing[0].generation) is not \(entry.generation)")
        try expect(listing[0].size == entry.size && listing[0].kind == .file, "the listing shows \(listing)")
        try expect(try await source.store.read("x/y/z.dat", limit: 200_000) == conformanceBytes, "other bytes are read")
    },
    ConformanceCheck("a file without a byte is a file") { source, expect in
        try await source.put("empty", [])
        let entry = try expect.value(try await source.store.entry(at: "empty"), "the entry is missing")
        try expect(entry.size == 0 && entry.kind == .file, "the entry is \(entry)")
        try expect(try await source.store.read("empty", limit: 0).isEmpty, "bytes are read")
        let sink = ByteCollector()
        try await source.store.send("empty", generation: entry.generation, to: sink)
        try expect(sink.bytes.isEmpty, "bytes are sent")
    },
    ConformanceCheck("reading stops at the limit") { source, expect in
        try await source.put("file", [1, 2, 3])
        let code = await failureCode { _ = try await source.store.read("file", limit: 2) }
        try expect(code == .limitReached, "the error is \(code ?? "none")")
        try expect(try await source.store.read("file", limit: 3) == [1, 2, 3], "other bytes are read")
    },
    ConformanceCheck("sending gives every byte of one generation, from any offset, and refuses another") {
        source, expect in
        try await source.put("file", conformanceBytes)
        let entry = try expect.value(try await source.store.entry(at: "file"), "the entry is missing")
        for offset in [0, 1, 65_536, 199_999, 200_000] {
            let sink = ByteCollector()
            try await source.store.send("file", generation: entry.generation, from: Int64(offset), to: sink)
            try expect(sink.bytes == Array(conformanceBytes[offset...]), "from \(offset) \(sink.bytes.count) came")
        }
        let code = await failureCode {
            try await source.store.send("file", generation: "other", to: ByteCollector())
        }
        try expect(code == .sourceChanged, "another generation gives \(code ?? "no error")")
        let gone = await failureCode {
            try await source.store.send("gone", generation: entry.generation, to: ByteCollector())
        }
        try expect(gone == .sourceChanged, "a missing file gives \(gone ?? "no error")")
    },
    ConformanceCheck("only the very generation is removed") { source, expect in
        try await source.put("d/file", [1])
        let entry = try expect.value(try await source.store.entry(at: "d/file"), "the entry is missing")
        guard source.canRemove else {
            let code = await failureCode {
                _ = try await source.store.remove("d/file", generation: entry.generation)
            }
            return try expect(code == .denied, "removing gives \(code ?? "no error")")
        }
        try expect(try await !source.store.remove("d/file", generation: "other"), "another generation was removed")
        try expect(try await source.store.entry(at: "d/file") == entry, "the file is gone or changed")
        try expect(try await source.store.remove("d/file", generation: entry.generation), "it was not removed")
        try expect(try await source.store.entry(at: "d/file") == nil, "it is still there")
        try expect(try await !source.store.remove("d/file", generation: entry.generation), "it was removed twice")
    },
    ConformanceCheck("no path leaves the root") { source, expect in
        for path: BytePath in [
            "../evil", "/etc/evil", "a/../../evil", "a//b", "", ".", "a/./b", BytePath([97, 0, 98]),
        ] {
            let read = await failureCode { _ = try await source.store.read(path, limit: 10) }
            try expect(read == .pathRefused, "reading '\(path)' gives \(read ?? "no error")")
            let entry = await failureCode { _ = try await source.store.entry(at: path) }
            try expect(entry == .pathRefused, "looking at '\(path)' gives \(entry ?? "no error")")
        }
    },
    ConformanceCheck("a path is bytes: names that look alike, and odd ones, stay apart") { source, expect in
        let names: [BytePath] = [
            "caf\u{E9}", "cafe\u{301}", BytePath([0x63, 0xFF, 0x64]), "line\nbreak", " ", "%2e%2e", "a+b&c=d", "50%",
            "q?x#y", "semi;colon", "(paren)*'!", "-dash", "quo\"te", "back\\slash", "<tag>", "d:e@f",
        ]
        let known = names.filter { !source.cannotName($0) }
        for (index, name) in known.enumerated() { try await source.put(name, [UInt8(index)]) }
        let listed = try await source.store.listing().map(\.path)
        try expect(Set(listed) == Set(known), "the listing shows \(listed.sorted())")
        for (index, name) in known.enumerated() {
            let read = try await source.store.read(name, limit: 1)
            try expect(read == [UInt8(index)], "'\(name)' holds another's bytes")
            let entry = try await source.store.entry(at: name)
            try expect(entry?.size == 1, "'\(name)' is not found alone")
        }
    },
    ConformanceCheck("a long listing comes in pages of bounded size, each file once") { source, expect in
        let paths = Set((0..<1_203).map { BytePath("d\($0 % 7)/f\($0)") })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for path in paths { group.addTask { try await source.put(path, [1]) } }
            try await group.waitForAll()
        }
        var seen: [BytePath] = []
        for try await page in source.store.entries() {
            try expect(page.count <= Limits.listingPage, "a page has \(page.count) entries")
            seen += page.map(\.path)
        }
        try expect(seen.count == paths.count && Set(seen) == paths, "\(seen.count) entries, \(Set(seen).count) paths")
    },
]

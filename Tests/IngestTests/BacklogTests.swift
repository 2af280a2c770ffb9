// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCatalog
import GranaryCore
import GranaryIngest
import GranaryTesting
import Synchronization
import Testing

/// A source that shows as many files as one likes, and holds none.
struct EndlessStore: Store {
    let count: Int
    let suffix: String

    let location = "memory://endless"
    let parallelReads = 4

    func entries() -> AsyncThrowingStream<[StoreEntry], any Error> {
        let position = Position()
        return AsyncThrowingStream {
            let start = position.next.add(Limits.listingPage, ordering: .relaxed).oldValue
            return start < count ? (start..<min(start + Limits.listingPage, count)).map(entry) : nil
        }
    }

    private func entry(_ number: Int) -> StoreEntry {
        StoreEntry(
            path: BytePath("day\(number / 1000)/g\(number)\(suffix)"), kind: .file, size: 4,
            modified: Timestamp(seconds: 1_767_225_600), generation: "v1")
    }

    func entry(at path: BytePath) async throws -> StoreEntry? { nil }
    func read(_ path: BytePath, limit: Int) async throws -> [UInt8] { bytes(md5("data")) }
    func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {
        try bytes("data").withUnsafeBytes { try sink.write($0) }
    }
    func remove(_ path: BytePath, generation: String) async throws -> Bool { false }
}

private final class Position: Sendable {
    let next = Atomic(0)
}

/// An archive that reads everything and keeps nothing.
struct SinkStore: ArchiveStore {
    let location = "memory://sink"
    let parallelReads = 4

    func entries() -> AsyncThrowingStream<[StoreEntry], any Error> { AsyncThrowingStream { nil } }
    func entry(at path: BytePath) async throws -> StoreEntry? { nil }
    func read(_ path: BytePath, limit: Int) async throws -> [UInt8] { [] }
    func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {}
    func stage(_ requests: [StageRequest], from source: any Store) async -> [Result<StagedFile, GranaryError>] {
        requests.map { request in
            let digests = request.digests.union([.sha256]).map { ($0, Checksum($0, of: bytes("data"))) }
            return .success(
                StagedFile(
                    target: request.target, token: "t", size: 4, digests: Dictionary(uniqueKeysWithValues: digests)))
        }
    }
    func publish(_ files: [StagedFile]) async -> [Result<PublishOutcome, GranaryError>] {
        files.map { _ in .success(.published) }
    }
    func discard(_ files: [StagedFile]) async {}
    func sweep() async throws -> Int { 0 }
    func remove(_ path: BytePath, generation: String) async throws -> Bool { false }
}

@Suite(.serialized) struct BacklogTests {
    private func residentMegabytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 200)
        guard fgets(&line, 200, file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        return (Int(text.split(separator: " ")[1]) ?? 0) * 4096 >> 20
    }

    private func site(_ count: Int, suffix: String) throws -> Site {
        let site = try Site(staging: EndlessStore(count: count, suffix: suffix), archive: SinkStore())
        site.collection.files = [try Site.rule(#"(?<granule>g\d+)\.nc"#, .data, "data")]
        return site
    }

    @Test("A backlog of 100,000 files is seen in flat memory", .timeLimit(.minutes(15)))
    func observed() async throws {
        let site = try site(100_000, suffix: ".nc")
        let before = residentMegabytes()
        #expect(try await site.scan().new == 100_000)
        let grown = residentMegabytes() - before
        #expect(grown < 100, "\(grown) MB")
        let states = try await site.catalog.read {
            try $0.count("SELECT COUNT(*) AS n FROM arrival WHERE state = 'observed'")
        }
        #expect(states == 100_000)
    }

    @Test("10,000 granules are taken in flat memory, each with its whole trail", .timeLimit(.minutes(15)))
    func taken() async throws {
        let site = try site(10_000, suffix: ".nc")
        site.configuration.settle = .immediate
        let before = residentMegabytes()
        #expect(try await site.scan().taken == 10_000)
        #expect(residentMegabytes() - before < 100)
        let files = try await site.catalog.read { try $0.count("SELECT COUNT(*) AS n FROM file") }
        #expect(files == 10_000)
        let events = try await site.catalog.read {
            try $0.count("SELECT COUNT(*) AS n FROM event WHERE subject = 'arrival'")
        }
        #expect(events == 30_000, "observed, verifying, archived")
    }

    @Test("5,000 sidecars are read in a few transactions")
    func sidecars() async throws {
        let site = try site(5000, suffix: ".nc.md5")
        try await site.scan()
        let promises = try await site.catalog.read { try $0.count("SELECT COUNT(*) AS n FROM promise") }
        #expect(promises == 5000)
    }
}

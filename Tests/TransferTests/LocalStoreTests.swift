// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

/// A staging area and an archive, each in a directory of its own.
struct Site {
    let staging: TemporaryDirectory
    let archiveDirectory: TemporaryDirectory
    let source: LocalStore
    let archive: LocalStore

    init() throws {
        staging = try TemporaryDirectory()
        archiveDirectory = try TemporaryDirectory()
        source = try LocalStore(root: staging.path)
        archive = try LocalStore(root: archiveDirectory.path)
    }

    func request(_ path: BytePath, target: BytePath? = nil) async throws -> StageRequest {
        let entry = try #require(try await source.entry(at: path))
        return StageRequest(path: path, generation: entry.generation, target: target ?? path, digests: [.md5])
    }

    func stage(_ path: BytePath, target: BytePath? = nil) async throws -> StagedFile {
        try await archive.stage([request(path, target: target)], from: source)[0].get()
    }

    var leftovers: [String] { archiveDirectory.names(in: ".granary/tmp") }
}

@Suite struct LocalStoreTests {
    @Test("whatever size another store states, its bytes are copied", arguments: [nil, Int64.max, -1, 0, 3, 1 << 40])
    func statedSize(_ size: Int64?) async throws {
        let (site, source) = (try Site(), MemoryStore())
        source.put("file", [1, 2, 3])
        let generation = try #require(try await source.entry(at: "file")).generation
        let request = StageRequest(path: "file", generation: generation, size: size, target: "copy")
        #expect(try await site.archive.stage([request], from: source)[0].get().size == 3)
    }

    @Test(
        "a file goes from directory to directory, read-only, with both digests",
        arguments: [0, 1, 4096, 1 << 20, 9_000_001])
    func roundTrip(size: Int) async throws {
        let site = try Site()
        site.staging.write("in.dat", pattern(size))
        let staged = try await site.stage("in.dat", target: "a/b/out.dat")
        #expect(staged.size == size)
        #expect(staged.sha256 == Checksum(.sha256, of: pattern(size)))
        #expect(staged.digests[.md5] == Checksum(.md5, of: pattern(size)))
        #expect(site.archiveDirectory.names() == [".granary"])
        #expect(try await site.archive.publish([staged])[0].get() == .published)
        #expect(site.archiveDirectory.read("a/b/out.dat") == pattern(size))
        #expect(site.archiveDirectory.mode(of: "a/b/out.dat") == 0o444)
        #expect(site.staging.read("in.dat") == pattern(size))
        #expect(site.leftovers.isEmpty)
    }

    @Test("every digest of a large file is right however many threads there are", arguments: [1, 2, 3, 8])
    func threads(count: Int) async throws {
        let site = try Site()
        let bytes = pattern(20 << 20 | 77)
        site.staging.write("large", bytes)
        let archive = try LocalStore(root: site.archiveDirectory.path, threads: TransferThreads(count: count))
        var request = try await site.request("large")
        request.digests = Set(Checksum.Algorithm.allCases)
        for source: any Store in [site.source, try await memoryCopy(of: bytes, as: request)] {
            if source is MemoryStore {
                request.generation = try #require(try await source.entry(at: "large")).generation
            }
            let staged = try await archive.stage([request], from: source)[0].get()
            for algorithm in Checksum.Algorithm.allCases {
                #expect(staged.digests[algorithm] == Checksum(algorithm, of: bytes))
            }
            await archive.discard([staged])
        }
        #expect(site.leftovers.isEmpty)
    }

    private func memoryCopy(of bytes: [UInt8], as request: StageRequest) async throws -> MemoryStore {
        let store = MemoryStore()
        store.put(request.path, bytes)
        return store
    }

    @Test(
        "a changed source is source.changed: grown, cut, replaced, gone",
        arguments: ["grown", "cut", "replaced", "gone"])
    func changedSource(how: String) async throws {
        let site = try Site()
        site.staging.write("file", pattern(3 << 20))
        let generation = try await site.request("file").generation
        // The change comes while the first MiB is being handed over, after the file was opened and found right.
        let sink = ActingSink { [staging = site.staging] in
            switch how {
            case "grown": staging.append("file", [1])
            case "cut": truncate(staging.cPath("file"), 1 << 20)
            case "replaced":
                staging.write("other", pattern(3 << 20))
                rename(staging.cPath("other"), staging.cPath("file"))
            default: unlink(staging.cPath("file"))
            }
        }
        let code = await failureCode { try await site.source.send("file", generation: generation, to: sink) }
        #expect(code == .sourceChanged)
        let request = StageRequest(path: "file", generation: generation, target: "file")
        let late = await site.archive.stage([request], from: site.source)
        #expect(await failureCode { _ = try late[0].get() } == .sourceChanged)
        #expect(site.leftovers.isEmpty)
    }

    @Test("what dead attempts left is swept away, and the file can be staged again")
    func sweep() async throws {
        let site = try Site()
        site.staging.write("file", [1, 2, 3])
        let lost = try await site.stage("file")
        let reopened = try LocalStore(root: site.archiveDirectory.path)
        #expect(try await reopened.sweep() == 1)
        #expect(try await reopened.sweep() == 0)
        let code = await failureCode { _ = try await reopened.publish([lost])[0].get() }
        #expect(code == .notFound)
        let again = try await reopened.stage([site.request("file")], from: site.source)[0].get()
        #expect(try await reopened.publish([again])[0].get() == .published)
    }

    @Test("a batch of many small files and one large one is published whole")
    func mixedBatch() async throws {
        let site = try Site()
        var requests: [StageRequest] = []
        for index in 0..<100 {
            site.staging.write(BytePath("f\(index)"), pattern(index == 50 ? 9 << 20 : index, seed: index))
            requests.append(try await site.request(BytePath("f\(index)"), target: BytePath("d\(index % 20)/f\(index)")))
        }
        let staged = try await site.archive.stage(requests, from: site.source).map { try $0.get() }
        for result in await site.archive.publish(staged) { #expect(try result.get() == .published) }
        for index in 0..<100 {
            let bytes = pattern(index == 50 ? 9 << 20 : index, seed: index)
            #expect(site.archiveDirectory.read(BytePath("d\(index % 20)/f\(index)")) == bytes)
        }
    }

    @Test("no descriptor is left open by 2,000 files")
    func descriptors() async throws {
        let site = try Site()
        for index in 0..<500 { site.staging.write(BytePath("f\(index)"), pattern(10, seed: index)) }
        for round in 0..<4 {
            var requests: [StageRequest] = []
            for index in 0..<500 {
                requests.append(try await site.request(BytePath("f\(index)"), target: BytePath("r\(round)/\(index)")))
            }
            let staged = try await site.archive.stage(requests, from: site.source).map { try $0.get() }
            _ = await site.archive.publish(staged)
            for try await _ in site.archive.entries() {}
        }
        #expect(descriptors(below: [site.staging.path, site.archiveDirectory.path]).count == 2, "only the two roots")
    }

    /// Open descriptors of this process that lead into these directories; other tests run beside this one.
    private func descriptors(below roots: [String]) -> [String] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return numbers.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
            .filter { target in roots.contains { target.hasPrefix($0) } }
    }

    @Test("a root that went away is an error, never an empty store")
    func vanishedRoot() async throws {
        let site = try Site()
        #expect(throws: GranaryError.self) { try LocalStore(root: site.staging.path + "/none") }
        rename(site.staging.path, site.staging.path + "-moved")
        defer { rename(site.staging.path + "-moved", site.staging.path) }
        #expect(await failureCode { for try await _ in site.source.entries() {} } == .sourceUnreadable)
        mkdir(site.staging.path, 0o755)
        #expect(await failureCode { for try await _ in site.source.entries() {} } == .sourceUnreadable)
        #expect(await failureCode { _ = try await site.source.entry(at: "file") } == .sourceUnreadable)
        rmdir(site.staging.path)
    }

    @Test("a full medium is store.full and leaves nothing", .enabled(if: getuid() == 0, "needs root to mount a tmpfs"))
    func fullMedium() async throws {
        let site = try Site()
        site.staging.write("large", pattern(3 << 20))
        site.staging.write("small", [1])
        guard mount("granary", site.archiveDirectory.path, "tmpfs", 0, "size=2m") == 0 else {
            try Test.cancel("this environment does not allow a tmpfs mount (errno \(errno))")
        }
        defer { umount2(site.archiveDirectory.path, Int32(MNT_DETACH)) }
        let archive = try LocalStore(root: site.archiveDirectory.path)
        let large = await archive.stage([try await site.request("large")], from: site.source)
        #expect(await failureCode { _ = try large[0].get() } == .storeFull)
        let small = try await archive.stage([try await site.request("small")], from: site.source)[0].get()
        #expect(try await archive.publish([small])[0].get() == .published)
        #expect(site.leftovers.isEmpty)
    }
}

/// A sink that acts once, at the first bytes.
private final class ActingSink: ByteSink {
    private let act: @Sendable () -> Void
    private let collector = ByteCollector()

    init(_ act: @escaping @Sendable () -> Void) { self.act = act }

    func write(_ bytes: UnsafeRawBufferPointer) {
        if collector.bytes.isEmpty { act() }
        collector.write(bytes)
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

@testable import GranaryAWS

/// A bucket as staging area, on a server that is real.
@Suite("S3 as staging") struct S3StagingTests {
    @Test("an overwritten key is another generation, in the listing too, and the old one is not sent any more")
    func overwritten() async throws {
        let bucket = try await S3Service.seaweed().bucket()
        let store = bucket.store()
        try await bucket.put("key", [1, 2, 3])
        let first = try await store.generation(of: "key")
        try await bucket.put("key", [3, 2, 1])
        let second = try await store.generation(of: "key")
        #expect(first != second)
        #expect(try await store.all().map(\.generation) == [second])
        #expect(await code { try await store.send("key", generation: first, to: ByteCollector()) } == .sourceChanged)
        #expect(try await !store.remove("key", generation: first))
        #expect(try await store.read("key", limit: 3) == [3, 2, 1])
    }

    @Test("keys of the same second are all listed, each with a generation that tells its content")
    func sameSecond() async throws {
        let bucket = try await S3Service.seaweed().bucket()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask { try await bucket.put(BytePath("same/\(number)"), [UInt8(number / 2)]) }
            }
            try await group.waitForAll()
        }
        let entries = try await bucket.store(prefix: "same").all()
        #expect(Set(entries.map(\.path)) == Set((0..<60).map { BytePath("\($0)") }))
        #expect(Set(entries.map { $0.generation.split(separator: "/")[0] }).count == 30)
    }

    @Test("in a versioned bucket the current version counts; deleted is gone, and made anew it is there again")
    func versioned() async throws {
        let bucket = try await S3Service.seaweed().bucket()
        try await bucket.setVersioning()
        let store = bucket.store()
        for bytes: [UInt8] in [[1], [2, 2], [3, 3, 3]] { try await bucket.put("key", bytes) }
        let entry = try #require(try await store.entry(at: "key"))
        #expect(entry.size == 3)
        #expect(try await store.all().map(\.generation) == [entry.generation])
        #expect(try await store.remove("key", generation: entry.generation))
        #expect(try await store.all().isEmpty)
        #expect(try await store.entry(at: "key") == nil)
        #expect(
            await code { try await store.send("key", generation: entry.generation, to: ByteCollector()) }
                == .sourceChanged)
        try await bucket.put("key", [4])
        #expect(try await store.all().map(\.size) == [1])
        #expect(try await store.read("key", limit: 1) == [4])
    }

    @Test(
        "what the service and the provider state of an object is said before its first byte, and counts as vouched for")
    func stated() async throws {
        let bucket = try await S3Service.seaweed().bucket()
        let store = bucket.store()
        let bytes = scrambled(10_000)
        let sha512 = Checksum(.sha512, of: bytes)
        try await bucket.put("key", bytes, metadata: [("sha512", base64(sha512.bytes))])
        let entry = try #require(try await store.entry(at: "key"))
        #expect(try await store.all() == [entry] && entry.isVouched)
        let sink = ByteCollector()
        try await store.send("key", generation: entry.generation, to: sink)
        #expect(sink.bytes == bytes)
        let stated = Set(sink.stated)
        #expect(stated.isSuperset(of: [sha512, Checksum(.md5, of: bytes), Checksum(.sha256, of: bytes)]), "\(stated)")
        #expect(stated.allSatisfy { Checksum($0.algorithm, of: bytes) == $0 })
        let rest = ByteCollector()
        try await store.send("key", generation: entry.generation, from: 9_000, to: rest)
        #expect(rest.bytes == Array(bytes[9_000...]) && rest.stated.isEmpty)
    }

    @Test("an object of parts states no checksum of the checksums of its parts as that of its bytes")
    func composite() async throws {
        let bucket = try await S3Service.seaweed().bucket()
        let store = bucket.store(prefix: "archive", settings: S3Bucket.smallParts)
        let bytes = scrambled((5 << 20) + 7)
        #expect(try await store.publish(bytes, at: "two-parts") == .published)
        let entry = try #require(try await store.entry(at: "two-parts"))
        #expect(try await store.all() == [entry])
        let sink = ByteCollector()
        try await store.send("two-parts", generation: entry.generation, to: sink)
        #expect(sink.bytes == bytes)
        #expect(sink.stated.allSatisfy { Checksum($0.algorithm, of: bytes) == $0 }, "\(sink.stated)")
    }

    @Test("an object that is overwritten while it is read is never taken for one whole")
    func torn() async throws {
        let bucket = try await S3Service.seaweed().bucket()
        let store = bucket.store()
        let (old, new) = (scrambled(24 << 20, 1), scrambled(24 << 20, 2))
        try await bucket.put("key", old)
        let generation = try await store.generation(of: "key")
        let sink = ActingSink { try? await bucket.put("key", new) }
        do {
            try await store.send("key", generation: generation, to: sink)
            #expect(Checksum(.md5, of: sink.bytes) == Checksum(.md5, of: old), "a mixture was given as whole")
        } catch let error as GranaryError {
            #expect(error.code == .sourceChanged || error.disposition == .retry(after: nil), "\(error)")
        }
        #expect(
            await code { try await store.send("key", generation: generation, to: ByteCollector()) } == .sourceChanged)
    }

    @Test("keys that are no path below the root are shown, and never fetched")
    func unsafeKeys() async throws {
        let bucket = try await S3Service.rclone().bucket()
        let store = bucket.store()
        try await bucket.put("good", [1])
        for path: BytePath in ["a//b", "./a", "../a", "/a", "a/"] {
            #expect(path.isUnsafe)
            #expect(await code { _ = try await store.read(path, limit: 1) } == .pathRefused)
            #expect(await code { _ = try await store.remove(path, generation: "x/1/1") } == .pathRefused)
        }
        #expect(try await store.all().map(\.path) == ["good"])
    }

    @Test("a bucket that is not there, and a key that is refused, are errors that say what to do")
    func refusals() async throws {
        let service = try await S3Service.seaweed()
        let absent = S3Store(service.client(), bucket: "no-such-bucket")
        #expect(await code { _ = try await absent.all() } == .bucketMissing)
        let stranger = AWSCredentials(accessKey: "granary", secretKey: Secret("wrong"))
        let bucket = try await service.bucket()
        let refused = S3Store(service.client(stranger), bucket: bucket.name)
        #expect(await code { _ = try await refused.all() } == .credentialsRefused)
        #expect(await code { _ = try await refused.entry(at: "key") } != nil)
    }

    @Test("copies and deletions, one by one and many at once, do what they say")
    func copiesAndDeletions() async throws {
        let bucket = try await S3Service.seaweed().bucket()
        let objects = bucket.objects
        let keys: [BytePath] = ["a b+c", "d&e<f>", "line\nbreak", "\u{1}control", "x"]
        for key in keys { try await bucket.put(key, [7]) }
        let tag = try #require(try await objects.head("x")).tag
        #expect(try await objects.copy("x", tag: tag, to: "copy é", replacing: true) == .written)
        #expect(try await objects.get("copy é", limit: 1) == [7])
        #expect(await code { _ = try await objects.copy("x", tag: "0", to: "other", replacing: true) } != nil)
        #expect(try await !objects.delete("x", tag: "0"))
        #expect(try await objects.delete(keys).isEmpty)
        #expect(try await bucket.store().all().map(\.path) == ["copy é"])
    }
}

/// Collects, and once does something else after the first bytes.
private final class ActingSink: ByteSink {
    private let collector = ByteCollector()
    private let gate: Gate

    init(_ act: @escaping @Sendable () async -> Void) { gate = Gate(act) }

    var bytes: [UInt8] { collector.bytes }
    func write(_ bytes: UnsafeRawBufferPointer) { collector.write(bytes) }
    func hasRoom(orCall resume: @escaping @Sendable () -> Void) -> Bool {
        collector.bytes.isEmpty || gate.hasRoom(orCall: resume)
    }
}

extension ArchiveStore {
    /// Stages bytes out of memory and publishes them.
    func publish(_ bytes: [UInt8], at target: BytePath) async throws -> PublishOutcome {
        let source = MemoryStore()
        source.put("file", bytes)
        let request = StageRequest(path: "file", generation: try await source.generation(of: "file"), target: target)
        let staged = try await stage([request], from: source)[0].get()
        return try await publish([staged])[0].get()
    }
}

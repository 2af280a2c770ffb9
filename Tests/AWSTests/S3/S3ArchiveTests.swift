// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import GranaryTransfer
import Testing

@testable import GranaryAWS

/// A bucket as archive, on a server that is real.
@Suite("S3 as archive") struct S3ArchiveTests {
    @Test("a file of three parts is read once, invisible until it is published, and then there whole")
    func parts() async throws {
        let bucket = try await S3Service.seaweed().bucket()
        let archive = bucket.store(prefix: "archive", settings: S3Bucket.smallParts)
        let bytes = scrambled((10 << 20) + 12_345)
        let staged = try await stage(bytes, at: "d/file", into: archive)
        #expect(staged.size == bytes.count && staged.sha256 == Checksum(.sha256, of: bytes))
        #expect(staged.digests[.md5] == Checksum(.md5, of: bytes))
        #expect(try await archive.entry(at: "d/file") == nil)
        #expect(try await archive.all().isEmpty)
        #expect(try await bucket.objects.uploads(prefix: "", after: nil).uploads.map(\.key) == ["archive/d/file"])
        #expect(try await archive.publish([staged])[0].get() == .published)
        #expect(try await archive.read("d/file", limit: bytes.count) == bytes)
        #expect(try await bucket.objects.uploads(prefix: "", after: nil).uploads.isEmpty)
    }

    @Test("what is there already is never replaced, whichever way it came there")
    func repeated() async throws {
        let bucket = try await S3Service.seaweed().bucket()
        let archive = bucket.store(settings: S3Bucket.smallParts)
        let large = scrambled((5 << 20) + 1)
        #expect(try await archive.publish(large, at: "large") == .published)
        #expect(try await archive.publish(large, at: "large") == .alreadyThere)
        let other = scrambled((5 << 20) + 1, 9)
        #expect(try await archive.publish(other, at: "large") == .conflict(Checksum(.sha256, of: large)))
        #expect(try await archive.publish([1], at: "large") == .conflict(Checksum(.sha256, of: large)))
        try await bucket.put("by-another", large)
        #expect(try await archive.publish(large, at: "by-another") == .alreadyThere)
        #expect(try await archive.publish(other, at: "by-another") == .conflict(Checksum(.sha256, of: large)))
        #expect(try await bucket.objects.uploads(prefix: "", after: nil).uploads.isEmpty, "parts are left behind")
    }

    @Test("beyond the bytes that may be held, small files go into uploads and are published all the same")
    func beyondTheBudget() async throws {
        var settings = S3Bucket.smallParts
        settings.heldBytes = 1_500
        let archive = try await S3Service.seaweed().bucket().store(settings: settings)
        let source = MemoryStore()
        let names = (0..<5).map { BytePath("f\($0)") }
        for (index, name) in names.enumerated() {
            source.put(name, Array(repeating: UInt8(index), count: 1_000 * (index > 0 ? 1 : 0)))
        }
        let requests = try await withThrowingTaskGroup(of: StageRequest.self) { group in
            for name in names {
                group.addTask {
                    StageRequest(path: name, generation: try await source.generation(of: name), target: name)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let staged = try await archive.stage(requests, from: source).map { try $0.get() }
        for outcome in await archive.publish(staged) { #expect(try outcome.get() == .published) }
        #expect(try await archive.all().count == 5)
        #expect(try await archive.read("f4", limit: 1_000) == Array(repeating: 4, count: 1_000))
    }

    @Test("a sweep aborts what dead attempts left below the prefix, and nothing else")
    func sweep() async throws {
        let bucket = try await S3Service.seaweed().bucket()
        let settings = S3Bucket.smallParts
        let dead = bucket.store(prefix: "archive", settings: settings)
        _ = try await stage(scrambled((5 << 20) + 1), at: "one", into: dead)
        _ = try await stage(scrambled((5 << 20) + 1), at: "two", into: dead)
        _ = try await bucket.objects.beginUpload("archive-of-another/three")
        let alive = bucket.store(prefix: "archive", settings: settings)
        #expect(try await alive.sweep() == 2)
        #expect(try await alive.sweep() == 0)
        #expect(try await bucket.objects.uploads(prefix: "", after: nil).uploads.count == 1)
    }

    @Test("the store's own folder is nobody's target and in no listing")
    func reserved() async throws {
        let archive = try await S3Service.seaweed().bucket().store()
        #expect(await code { _ = try await archive.publish([1], at: ".granary/x") } == .pathRefused)
        try await archive.prove()
        #expect(try await archive.all().isEmpty)
        let long = BytePath(String(repeating: "a", count: 1_025))
        #expect(await code { _ = try await archive.publish([1], at: long) } == .pathRefused)
    }

    @Test("a service that ignores conditions is refused as an archive before a byte is written")
    func unsafeService() async throws {
        let bucket = try await S3Service.rclone().bucket()
        let archive = bucket.store()
        #expect(await code { try await archive.prove() } == .archiveUnsafe)
        #expect(await code { _ = try await archive.publish([1], at: "file") } == .archiveUnsafe)
        #expect(try await archive.entry(at: "file") == nil)
    }

    @Test("a service that refuses to say what it wrote is not believed")
    func notKept() async throws {
        let bucket = try await S3Service.seaweed().bucket()
        let archive = bucket.store(settings: S3Bucket.smallParts)
        let staged = try await stage(scrambled((5 << 20) + 1), at: "gone", into: archive)
        // Somebody else aborts the upload: completing it must not pass for done.
        _ = try await bucket.store().sweep()
        #expect(await code { _ = try await archive.publish([staged])[0].get() } == .notFound)
        #expect(try await archive.entry(at: "gone") == nil)
    }

    @Test("files go from bucket to bucket over one engine: many small ones and large ones at once")
    func bucketToBucket() async throws {
        let service = try await S3Service.seaweed()
        let (from, to) = (try await service.bucket(), try await service.bucket())
        let sizes = Array(repeating: 900, count: 40) + [17 << 20, 16 << 20, 11 << 20]
        let source = from.store()
        for (index, size) in sizes.enumerated() {
            try await from.put(BytePath("f\(index)"), scrambled(size, UInt64(index + 1)))
        }
        var settings = S3Bucket.smallParts
        settings.partsAtOnce = 1
        settings.uploadsAtOnce = 2
        let archive = to.store(settings: settings)
        let requests = try await source.all().map {
            StageRequest(path: $0.path, generation: $0.generation, target: $0.path)
        }
        let staged = try await archive.stage(requests, from: source).map { try $0.get() }
        #expect(staged.allSatisfy { file in file.stated.allSatisfy { file.digests[$0.algorithm] == $0 } })
        for outcome in await archive.publish(staged) { #expect(try outcome.get() == .published) }
        for (index, size) in sizes.enumerated() {
            #expect(
                try await archive.read(BytePath("f\(index)"), limit: size) == scrambled(size, UInt64(index + 1)),
                "f\(index)")
        }
    }

    private func stage(_ bytes: [UInt8], at target: BytePath, into archive: S3Store) async throws -> StagedFile {
        let source = MemoryStore()
        source.put("file", bytes)
        let request = StageRequest(
            path: "file", generation: try await source.generation(of: "file"), target: target, digests: [.md5])
        return try await archive.stage([request], from: source)[0].get()
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore
internal import GranaryTransfer
internal import Synchronization

/// One file on its way into the bucket: read once, hashed as it passes, in parts that go on while more comes.
struct IncomingObject: Sendable {
    private let request: StageRequest
    private let key: BytePath
    private let store: S3Store
    private let intake: PartIntake

    init(_ request: StageRequest, key: BytePath, in store: S3Store) {
        self.request = request
        self.key = key
        self.store = store
        intake = PartIntake(partBytes: store.settings.partBytes, most: store.settings.partsAtOnce)
    }

    /// Leaves nothing behind when it throws.
    func receive(from source: any Store) async throws -> StagedFile {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await source.send(request.path, generation: request.generation, to: intake)
                    intake.close()
                } catch {
                    intake.fail(error)
                }
            }
            do {
                let file = try await take()
                try await group.waitForAll()
                return file
            } catch {
                // The source may be waiting for room that will not come.
                intake.fail(error)
                throw error
            }
        }
    }

    private func take() async throws -> StagedFile {
        var parts = intake.parts.makeAsyncIterator()
        guard let first = try await parts.next() else { throw CancellationError() }
        let digests = RunningDigests(request.digests.union([.sha256]).union(intake.stated.map(\.algorithm)))
        let sha256 = try await digests.take(first.bytes, isOnly: first.isLast)
        if first.isLast, first.bytes.count <= store.settings.partBytes,
            let token = store.bench.hold(first.bytes, for: key)
        {
            return digests.file(request, token, intake.stated)
        }
        return try await upload(first, sha256, parts, digests)
    }

    private func upload(
        _ first: PartIntake.Part, _ sha256: Checksum, _ rest: AsyncThrowingStream<PartIntake.Part, any Error>.Iterator,
        _ digests: RunningDigests
    ) async throws -> StagedFile {
        await store.bench.uploads.enter()
        do {
            let upload = S3Upload(key: key, id: try await store.objects.beginUpload(key))
            do {
                let parts = try await send(first, sha256, rest, digests, to: upload)
                await store.bench.uploads.leave()
                return digests.file(request, store.bench.add(upload, parts), intake.stated)
            } catch {
                try? await store.objects.abort(upload)
                throw error
            }
        } catch {
            await store.bench.uploads.leave()
            throw error
        }
    }

    /// Sends each part while the next is read and hashed.
    private func send(
        _ first: PartIntake.Part, _ sha256: Checksum, _ rest: AsyncThrowingStream<PartIntake.Part, any Error>.Iterator,
        _ digests: RunningDigests, to upload: S3Upload
    ) async throws -> [S3Part] {
        try await withThrowingTaskGroup(of: S3Part.self) { group in
            var rest = rest
            group.addTask { try await send(first, sha256, to: upload) }
            while let part = try await rest.next() {
                if part.bytes.isEmpty { break }
                let sha256 = try await digests.take(part.bytes, isOnly: false)
                group.addTask { try await send(part, sha256, to: upload) }
            }
            var parts: [S3Part] = []
            for try await part in group { parts.append(part) }
            return parts.sorted { $0.number < $1.number }
        }
    }

    private func send(_ part: PartIntake.Part, _ sha256: Checksum, to upload: S3Upload) async throws -> S3Part {
        do {
            let sent = try await store.objects.uploadPart(upload, number: part.number, part.bytes, sha256: sha256)
            intake.release()
            return sent
        } catch {
            intake.fail(error)
            throw error
        }
    }
}

/// The digests of one file under way, each carried on by whichever core is free.
private struct RunningDigests: Sendable {
    private let lanes: [(algorithm: Checksum.Algorithm, sink: DigestSink)]
    private let size = ByteCount()

    init(_ algorithms: Set<Checksum.Algorithm>) { lanes = algorithms.map { ($0, DigestSink($0)) } }

    /// Takes the next bytes. Returns their own SHA-256.
    ///
    /// - Parameter isOnly: they are the whole file, whose SHA-256 is theirs.
    func take(_ bytes: [UInt8], isOnly: Bool) async throws -> Checksum {
        size.add(bytes.count)
        let threads = StagedObjects.threads
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in lanes { group.addTask { try await threads.run { bytes.withUnsafeBytes(lane.sink.write) } } }
            if isOnly {
                try await group.waitForAll()
                return digest(.sha256)
            }
            let own = try await threads.run { Checksum(.sha256, of: bytes) }
            try await group.waitForAll()
            return own
        }
    }

    private func digest(_ algorithm: Checksum.Algorithm) -> Checksum {
        lanes.first { $0.algorithm == algorithm }?.sink.checksum ?? Checksum(algorithm, of: [])
    }

    func file(_ request: StageRequest, _ token: String, _ stated: [Checksum]) -> StagedFile {
        StagedFile(
            target: request.target, token: token, size: size.value,
            digests: Dictionary(uniqueKeysWithValues: lanes.map { ($0.algorithm, $0.sink.checksum) }), stated: stated)
    }
}

private final class ByteCount: Sendable {
    private let count = Atomic<Int64>(0)
    var value: Int64 { count.load(ordering: .relaxed) }
    func add(_ bytes: Int) { count.add(Int64(bytes), ordering: .relaxed) }
}

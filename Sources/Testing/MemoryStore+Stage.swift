// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import Synchronization

extension MemoryStore {
    public func stage(_ requests: [StageRequest], from source: any Store) async -> [Result<StagedFile, GranaryError>] {
        var results: [Result<StagedFile, GranaryError>] = []
        for request in requests {
            do {
                results.append(.success(try await stage(request, from: source)))
            } catch {
                results.append(
                    .failure(error as? GranaryError ?? refusal(.storeFailed, "failed: \(error)", request.path)))
            }
        }
        return results
    }

    private func stage(_ request: StageRequest, from source: any Store) async throws -> StagedFile {
        try faults.visit(.stage)
        try checkSafe(request.target)
        let collector = ByteCollector()
        try await source.send(request.path, generation: request.generation, to: collector)
        let bytes = collector.bytes
        guard let token = contents.withLock({ $0.stage(bytes) }) else {
            throw refusal(.storeFull, "finds no room", request.target)
        }
        let algorithms = request.digests.union([.sha256]).union(collector.stated.map(\.algorithm))
        let digests = algorithms.map { ($0, Checksum($0, of: bytes)) }
        return StagedFile(
            target: request.target, token: token, size: Int64(bytes.count),
            digests: Dictionary(uniqueKeysWithValues: digests), stated: collector.stated)
    }

    public func sweep() async throws -> Int {
        contents.withLock { contents in
            defer { contents.staged = [:] }
            return contents.staged.count
        }
    }

    public func publish(_ files: [StagedFile]) async -> [Result<PublishOutcome, GranaryError>] {
        files.map { file in Result { () throws(GranaryError) in try publish(file) } }
    }

    private func publish(_ file: StagedFile) throws(GranaryError) -> PublishOutcome {
        let staged = contents.withLock { $0.staged.removeValue(forKey: file.token) }
        try faults.visit(.publish)
        try checkSafe(file.target)
        guard let staged else { throw refusal(.notFound, "was not staged", file.target) }
        return contents.withLock { contents in
            guard let existing = contents.files[file.target] else {
                contents.put(file.target, staged)
                return .published
            }
            return existing.bytes == staged ? .alreadyThere : .conflict(Checksum(.sha256, of: existing.bytes))
        }
    }

    public func discard(_ files: [StagedFile]) async {
        contents.withLock { contents in for file in files { contents.staged[file.token] = nil } }
    }
}

/// A sink that keeps what it is given.
public final class ByteCollector: ByteSink {
    private let collected = Mutex<[UInt8]>([])
    private let expected = Mutex<[Checksum]>([])

    public init() {}

    /// What the source's store stated.
    public var stated: [Checksum] { expected.withLock { $0 } }

    public func expect(_ checksums: [Checksum]) { expected.withLock { $0 = checksums } }

    public var bytes: [UInt8] { collected.withLock { $0 } }

    public func write(_ bytes: UnsafeRawBufferPointer) { collected.withLock { $0.append(contentsOf: bytes) } }
}

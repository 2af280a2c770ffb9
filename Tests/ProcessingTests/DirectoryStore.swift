// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCore

/// A directory as a store that can only be listed: all that a job's outputs need from one here.
struct DirectoryStore: Store {
    let path: String
    var location: String { "file://\(path)" }

    func entries() -> AsyncThrowingStream<[StoreEntry], any Error> {
        AsyncThrowingStream { continuation in
            for name in FileManager.default.subpaths(atPath: path) ?? [] {
                entry(name).map { _ = continuation.yield([$0]) }
            }
            continuation.finish()
        }
    }

    private func entry(_ name: String) -> StoreEntry? {
        var status = stat()
        guard lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return nil }
        let kind: StoreEntry.Kind = status.st_mode & S_IFMT == S_IFREG ? .file : .symbolicLink
        return StoreEntry(
            path: BytePath(name), kind: kind, size: Int64(status.st_size),
            modified: Timestamp(seconds: Int64(status.st_mtim.tv_sec)), generation: "\(status.st_ino)")
    }

    func read(_ path: BytePath, limit: Int) async throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(self.path)/\(path)")).prefix(limit))
    }

    func entry(at path: BytePath) async throws -> StoreEntry? { nil }
    func send(_ path: BytePath, generation: String, to sink: any ByteSink) async throws {}
    func stage(_ requests: [StageRequest], from source: any Store) async -> [Result<StagedFile, GranaryError>] { [] }
    func publish(_ files: [StagedFile]) async -> [Result<PublishOutcome, GranaryError>] { [] }
    func discard(_ files: [StagedFile]) async {}
    func remove(_ path: BytePath, generation: String) async throws -> Bool { false }
}

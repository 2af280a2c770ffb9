// SPDX-License-Identifier: Apache-2.0

internal import Foundation
public import GranaryCore

/// Stages files from a source that breaks until they are there, as a watcher does, and looks at what came.
public struct StagingRounds: Sendable {
    /// Files that were staged with other bytes than they have.
    public var wrong: [BytePath] = []
    /// Errors that do not say that another try may help, or that the file had changed, which none had.
    public var unclassified: [String] = []
    /// Files that were staged in the end.
    public var whole = 0
    /// Files whose first try failed.
    public var failedAtFirst = 0

    public init() {}

    /// Stages all of the paths, each of which has the same bytes and so the same generation, in at most `rounds` rounds.
    public mutating func transfer(
        _ paths: some Collection<BytePath>, generation: String, digest: Checksum, from source: any Store,
        to archive: any ArchiveStore, rounds: Int = 3
    ) async {
        var left = Array(paths)
        for round in 0..<rounds where !left.isEmpty {
            let requests = left.map { path in
                StageRequest(path: path, generation: generation, target: BytePath("a/\(path)"))
            }
            let results = await archive.stage(requests, from: source)
            left = zip(left, results).compactMap { path, result in failed(path, result, digest) ? path : nil }
            if round == 0 { failedAtFirst += left.count }
            await archive.discard(results.compactMap { try? $0.get() })
        }
    }

    private mutating func failed(
        _ path: BytePath, _ result: Result<StagedFile, GranaryError>, _ digest: Checksum
    ) -> Bool {
        switch result {
        case .success(let file):
            whole += 1
            if file.sha256 != digest { wrong.append(path) }
            return false
        case .failure(let error):
            var passes = false
            if case .retry = error.disposition { passes = error.code != .sourceChanged }
            if !passes { unclassified.append("\(path): \(error)") }
            return true
        }
    }
}

/// The places at which an answer with so many bytes of body is cut: the whole head, the last bytes, and of the rest every
/// sixteenth from one that the seed chooses, so that sixteen runs take each; with `GRANARY_EXHAUSTIVE=1` all at once.
public func cutPlaces(of size: Int, _ random: inout SeededGenerator) -> [Int] {
    let end = size + 600
    if ProcessInfo.processInfo.environment["GRANARY_EXHAUSTIVE"] != nil { return Array(0..<end) }
    let phase = Int.random(in: 0..<16, using: &random)
    return (0..<end).filter { $0 < 700 || $0 >= size - 64 || $0 % 16 == phase }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import Synchronization
import SystemPackage

extension LocalStore {
    /// Copies and hashes on the cores' threads. From another `LocalStore` bytes go from file to file; from any other
    /// store they come through `send`.
    ///
    /// Large files, and files of a small batch, are flushed here, while others are still being copied; the many small
    /// ones of a large batch wait for the flush that `publish` gives them all.
    public func stage(_ requests: [StageRequest], from source: any Store) async -> [Result<StagedFile, GranaryError>] {
        let workspace: Workspace
        do {
            workspace = try await flushes.run { try openWorkspace() }
        } catch {
            return requests.map { .failure(.wrapping(error, $0.target)) }
        }
        let batch = StagingBatch(requests, flushesEach: requests.count < SharedFlush.worthwhile)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<min(requests.count, max(source.parallelReads, parallelReads)) {
                group.addTask { await self.serve(batch, from: source, into: workspace) }
            }
        }
        crashPoint(.archiveStaged)
        return batch.results()
    }

    /// Takes files from the batch until there are none.
    private func serve(_ batch: StagingBatch, from source: any Store, into workspace: Workspace) async {
        if let local = source as? LocalStore {
            while let (index, copy) = await copyRun(batch, from: local, into: workspace) {
                batch.record(await flushed(copy, in: workspace), at: index)
            }
        } else {
            while let index = batch.next() {
                batch.record(await receive(batch.requests[index], from: source, into: workspace, of: batch), at: index)
            }
        }
    }

    func openWorkspace() throws(GranaryError) -> Workspace {
        try root.verify(on: .store)
        return try Workspace(in: root, names: names, epoch: sharedFlush.epoch)
    }

    /// Copies file after file without leaving the thread, up to one that wants a flush of its own.
    private func copyRun(
        _ batch: StagingBatch, from source: LocalStore, into workspace: Workspace
    ) async -> (Int, StagedCopy)? {
        let threads = threads
        return try? await threads.run {
            while let index = batch.next() {
                let result = copy(batch.requests[index], from: source.root, into: workspace, threads: threads)
                guard case .success(let copy) = result, batch.wantsOwnFlush(copy.file) else {
                    batch.record(result.map(\.file), at: index)
                    continue
                }
                return (index, copy)
            }
            return nil
        }
    }

    private func receive(
        _ request: StageRequest, from source: any Store, into workspace: Workspace, of batch: StagingBatch
    ) async -> Result<StagedFile, GranaryError> {
        do {
            let threads = threads
            let file = try incoming(request, into: workspace, size: request.size, threads: threads)
            do {
                try await source.send(request.path, generation: request.generation, to: file)
                let copy = try await threads.run { try file.finish() }
                return batch.wantsOwnFlush(copy.file) ? await flushed(copy, in: workspace) : .success(copy.file)
            } catch {
                file.abandon()
                throw error
            }
        } catch {
            return .failure(.wrapping(error, request.path))
        }
    }

    private func flushed(_ copy: StagedCopy, in workspace: Workspace) async -> Result<StagedFile, GranaryError> {
        do {
            return .success(try await flushes.run { try copy.flush() })
        } catch {
            workspace.remove(copy.token)
            return .failure(.wrapping(error, copy.file.target))
        }
    }

    public func discard(_ files: [StagedFile]) async {
        _ = try? await flushes.run {
            let workspace = try openWorkspace()
            for token in files.compactMap({ StagingToken($0.token) }) { workspace.remove(token) }
        }
    }
}

/// Reads one file of a local source once; whatever changes it meanwhile is found by looking at it again at the end.
private func copy(
    _ request: StageRequest, from source: Root, into workspace: Workspace, threads: TransferThreads
) -> Result<StagedCopy, GranaryError> {
    do throws(GranaryError) {
        let descriptor = try source.openFile(request.path, generation: request.generation)
        let size = try reporting("look at", request.path, on: .source) { () throws(Errno) in
            try descriptor.status().size
        }
        let file = try incoming(request, into: workspace, size: size, threads: threads)
        do {
            try file.copy(from: descriptor)
            try source.confirm(descriptor, request.path, generation: request.generation)
            return .success(try file.finish())
        } catch {
            file.abandon()
            throw .wrapping(error, request.path)
        }
    } catch {
        return .failure(error)
    }
}

private func incoming(
    _ request: StageRequest, into workspace: Workspace, size: Int64?, threads: TransferThreads
) throws(GranaryError) -> IncomingFile {
    try checkTarget(request.target)
    return IncomingFile(request, into: workspace, size: size, threads: threads)
}

/// Refuses a target that could not be published, before any byte is copied for it.
func checkTarget(_ target: BytePath) throws(GranaryError) {
    let components = target.components
    let isReserved = components.first?.elementsEqual(Workspace.reserved.utf8) == true
    guard !target.isUnsafe, !isReserved, components.allSatisfy({ $0.count <= 255 }), target.bytes.count < 4096 else {
        throw GranaryError(
            .pathRefused, "'\(target)' can't be the path of an archived file.", subject: target.description,
            remedy: "Change the collection's path template: relative, no '.' or '..', names up to 255 bytes.",
            disposition: .quarantine)
    }
}

/// The files of one `stage`, taken one by one by whoever is free.
private final class StagingBatch: Sendable {
    let requests: [StageRequest]
    private let flushesEach: Bool
    private let taken = Atomic(0)
    private let outcomes: Mutex<[Result<StagedFile, GranaryError>?]>

    init(_ requests: [StageRequest], flushesEach: Bool) {
        self.requests = requests
        self.flushesEach = flushesEach
        outcomes = Mutex(Array(repeating: nil, count: requests.count))
    }

    func next() -> Int? {
        let index = taken.add(1, ordering: .relaxed).oldValue
        return index < requests.count ? index : nil
    }

    /// Large files are flushed singly: their pages are on their way to the medium long before the batch is whole.
    func wantsOwnFlush(_ file: StagedFile) -> Bool { flushesEach || file.size >= 8 << 20 }

    func record(_ result: Result<StagedFile, GranaryError>, at index: Int) {
        outcomes.withLock { $0[index] = result }
    }

    func results() -> [Result<StagedFile, GranaryError>] { outcomes.withLock { $0.compactMap { $0 } } }
}

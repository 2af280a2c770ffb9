// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import SystemPackage

extension LocalStore {
    /// Flushes what is not flushed yet, gives each file its name, then flushes every directory that was touched.
    ///
    /// Whatever the result, the staged copy is gone afterwards: it is the published file, or it was removed.
    public func publish(_ files: [StagedFile]) async -> [Result<PublishOutcome, GranaryError>] {
        let workspace: Workspace
        do {
            workspace = try await flushes.run { try openWorkspace() }
        } catch {
            return files.map { .failure(.wrapping(error, $0.target)) }
        }
        let (root, sharedFlush) = (root, sharedFlush)
        let published = try? await flushes.run {
            var publication = Publication(files, in: root, from: workspace, sharedFlush: sharedFlush)
            return publication.run()
        }
        return published ?? []
    }
}

/// The publishing of one batch, step by step; a crash between any two leaves whole files or none.
private struct Publication {
    private let files: [StagedFile]
    private let root: Root
    private let workspace: Workspace
    private let sharedFlush: SharedFlush
    private var results: [Result<PublishOutcome, GranaryError>]

    init(_ files: [StagedFile], in root: Root, from workspace: Workspace, sharedFlush: SharedFlush) {
        self.files = files
        self.root = root
        self.workspace = workspace
        self.sharedFlush = sharedFlush
        results = files.map { _ in .success(.published) }
    }

    mutating func run() -> [Result<PublishOutcome, GranaryError>] {
        flushCopies()
        crashPoint(.archiveFlushed)
        for index in files.indices where (try? results[index].get()) != nil {
            record(Result { () throws(GranaryError) in try name(files[index]) }, at: index)
        }
        crashPoint(.archiveRenamed)
        flushDirectories()
        crashPoint(.archivePublished)
        return results
    }

    /// Makes the small copies durable together. One that was begun before a failed flush may have lost its bytes.
    private mutating func flushCopies() {
        let unflushed = files.indices.filter { StagingToken(files[$0].token)?.epoch != nil }
        guard !unflushed.isEmpty else { return }
        let epoch = Result { () throws(GranaryError) in
            try reporting("flush", BytePath(root.path), on: .store) { () throws(Errno) in
                try sharedFlush.flush(root.directory)
            }
        }
        for index in unflushed {
            record(epoch.flatMap { survives(files[index], epoch: $0) }, at: index)
        }
    }

    private func survives(_ file: StagedFile, epoch: Int) -> Result<PublishOutcome, GranaryError> {
        StagingToken(file.token)?.epoch == epoch ? .success(.published) : .failure(.lostFlush(file.target))
    }

    /// Keeps a step's result; a file that failed loses its staged copy.
    private mutating func record(_ result: Result<PublishOutcome, GranaryError>, at index: Int) {
        results[index] = result
        guard case .failure = result, let token = StagingToken(files[index].token) else { return }
        workspace.remove(token)
    }

    private func name(_ file: StagedFile) throws(GranaryError) -> PublishOutcome {
        try checkTarget(file.target)
        guard let token = StagingToken(file.token) else { throw .notStaged(file) }
        do {
            try rename(token, to: file.target)
            return .published
        } catch .fileExists {
            return try compare(file, token)
        } catch .noSuchFileOrDirectory {
            // A network file system may answer a repeated request although the first one did its work.
            guard let outcome = try? compare(file, token) else { throw .notStaged(file) }
            return outcome
        } catch .improperLink {
            throw .otherFileSystem(file.target)
        } catch {
            throw .system(error, "publish", file.target.description, on: .store)
        }
    }

    private func rename(_ token: StagingToken, to target: BytePath) throws(Errno) {
        let parent: Descriptor
        do {
            parent = try root.directory.openPlace(target.directory)
        } catch .noSuchFileOrDirectory {
            try root.directory.makeDirectories(target.directory, mode: 0o755)
            parent = try root.directory.openPlace(target.directory)
        }
        try workspace.directory.rename(BytePath(token.name), to: parent, target.name)
    }

    /// Reads what has the name already. It is flushed too: the try that put it there may have died before its own flush.
    private func compare(_ file: StagedFile, _ token: StagingToken) throws(GranaryError) -> PublishOutcome {
        let (existing, status) = try root.openFile(file.target)
        let checksum = try existing.sha256(file.target)
        workspace.remove(token)
        guard status.size == file.size, checksum == file.sha256 else { return .conflict(checksum) }
        try reporting("flush", file.target, on: .store) { () throws(Errno) in try existing.flush() }
        return .alreadyThere
    }
}

extension Publication {
    /// Makes the names durable. Every parent up to the root counts as touched: one that exists may have been made by a
    /// try that died before it was flushed.
    private mutating func flushDirectories() {
        var directories: [BytePath: Result<Void, GranaryError>] = [:]
        let named = files.indices.filter { isNamed(results[$0]) }
        for index in named { for parent in parents(of: files[index].target) { directories[parent] = .success(()) } }
        if directories.count < SharedFlush.worthwhile {
            for path in directories.keys { directories[path] = Result { () throws(GranaryError) in try flush(path) } }
        } else {
            let result = Result { () throws(GranaryError) in try flushAll() }
            directories = directories.mapValues { _ in result }
        }
        for index in named {
            for parent in parents(of: files[index].target) {
                if case .failure(let error) = directories[parent] { results[index] = .failure(error) }
            }
        }
    }

    private func isNamed(_ result: Result<PublishOutcome, GranaryError>) -> Bool {
        switch result {
        case .success(.published), .success(.alreadyThere): true
        case .success(.conflict), .failure: false
        }
    }

    private func flush(_ path: BytePath) throws(GranaryError) {
        try reporting("flush", path, on: .store) { () throws(Errno) in try root.directory.openDirectory(path).flush() }
    }

    private func flushAll() throws(GranaryError) {
        _ = try reporting("flush", BytePath(root.path), on: .store) { () throws(Errno) in
            try sharedFlush.flush(root.directory)
        }
    }

    /// The directories above a path, the root (empty) among them.
    private func parents(of path: BytePath) -> [BytePath] {
        sequence(first: path.directory) { $0.bytes.isEmpty ? nil : $0.directory }.map { $0 }
    }
}

extension Descriptor {
    fileprivate func sha256(_ path: BytePath) throws(GranaryError) -> Checksum {
        var running = RunningChecksum(.sha256)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        while case let count = try readSome(path, into: buffer), count > 0 {
            running.update(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
        }
        return running.finish()
    }
}

extension GranaryError {
    fileprivate static func lostFlush(_ target: BytePath) -> GranaryError {
        GranaryError(
            .storeFailed, "The medium refused bytes while '\(target)' waited to be flushed.",
            subject: target.description,
            remedy: "Check the kernel's log and the archive's medium; the file is copied anew from its source.",
            disposition: .retry(after: nil))
    }

    fileprivate static func notStaged(_ file: StagedFile) -> GranaryError {
        GranaryError(
            .notFound, "There is no staged copy for '\(file.target)'.", subject: file.target.description,
            remedy: "Stage the file again: a staged copy is published or discarded once, and none survives a restart.",
            disposition: .retry(after: nil))
    }

    fileprivate static func otherFileSystem(_ target: BytePath) -> GranaryError {
        GranaryError(
            .storeFailed, "'\(target)' lies on another file system than the archive's root.",
            subject: target.description,
            remedy: "Make the mounted directory an archive of its own, or mount it at the root.")
    }
}

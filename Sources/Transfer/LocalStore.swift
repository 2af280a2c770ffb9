// SPDX-License-Identifier: Apache-2.0

import Glibc
public import GranaryCore
import SystemPackage

/// A directory as a store: a staging area, an archive, a quarantine.
///
/// Its own things live in `.granary/` below the root, which no listing shows and no target may use. One process owns an
/// archive; `sweep` relies on it.
public struct LocalStore: ArchiveStore {
    /// `file:///…`, percent-encoded.
    public let location: String
    let root: Root
    let threads: TransferThreads
    let flushes: TransferThreads
    let names: TemporaryNames
    let sharedFlush = SharedFlush()

    /// Opens a directory that exists. Nothing is written before the first `stage`.
    ///
    /// - Parameter threads: where copying and hashing is done; shared by all stores unless a test wants its own.
    public init(
        root path: String, threads: TransferThreads = .cores, flushes: TransferThreads = .flushes,
        randomness: any Randomness = SystemRandomness()
    ) throws(GranaryError) {
        root = try Root(path)
        location = "file://" + percentEncoded(root.path == "/" ? "" : root.path, keeping: .path)
        self.threads = threads
        self.flushes = flushes
        names = TemporaryNames(randomness)
    }

    /// Twice as many as there are cores, since some wait for the medium.
    public var parallelReads: Int { threads.count * 2 }

    public func entries() -> AsyncThrowingStream<[StoreEntry], any Error> {
        let walk = TreeWalk(root)
        let threads = flushes
        return AsyncThrowingStream { try await threads.run { try walk.nextPage() } }
    }

    public func entry(at path: BytePath) async throws -> StoreEntry? {
        let root = root
        return try await flushes.run {
            try root.check(path)
            do throws(Errno) {
                let handle = try root.directory.openHandle(path)
                return try handle.status().entry(at: path)
            } catch  where error == .noSuchFileOrDirectory || error == .notDirectory {
                try root.verify(on: .source)
                return nil
            } catch {
                throw GranaryError.system(error, "look at", path.description, on: .source)
            }
        }
    }

    public func read(_ path: BytePath, limit: Int) async throws -> [UInt8] {
        let root = root
        return try await flushes.run {
            let (file, status) = try root.openFile(path)
            guard status.size <= limit else { throw GranaryError.tooLarge(path, limit: limit) }
            let bytes = try file.readAll(path, limit: limit)
            try root.confirm(file, path, generation: status.generation)
            return bytes
        }
    }

    public func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {
        let root = root
        try await threads.run {
            let file = try root.openFile(path, generation: generation)
            try reporting("read", path, on: .source) { () throws(Errno) in try file.seek(to: offset) }
            file.expectSequentialReading()
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
            defer { buffer.deallocate() }
            while case let count = try file.readSome(path, into: buffer), count > 0 {
                try sink.write(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
            }
            try root.confirm(file, path, generation: generation)
        }
    }

    public func remove(_ path: BytePath, generation: String) async throws -> Bool {
        let root = root
        return try await flushes.run { try root.remove(path, generation: generation) }
    }

    @discardableResult
    public func sweep() async throws -> Int {
        let root = root
        return try await flushes.run { try root.sweep() }
    }
}

extension Root {
    /// Between the look and the removal nothing but the kernel's own speed protects the name; the archive's copy is safe.
    func remove(_ path: BytePath, generation: String) throws -> Bool {
        try check(path)
        do {
            let parent = try directory.openPlace(path.directory)
            let status = try parent.status(of: path.name)
            guard status.kind == .file else { throw GranaryError.notAFile(path, status.kind) }
            guard status.generation == generation else { return false }
            try parent.unlink(path.name)
            return true
        } catch let fault as Errno where fault == .noSuchFileOrDirectory || fault == .notDirectory {
            try verify(on: .source)
            return false
        } catch let fault as Errno {
            throw GranaryError.system(fault, "remove", path.description, on: .source)
        }
    }

    func sweep() throws -> Int {
        try verify(on: .store)
        let path = BytePath(Workspace.reserved).appending("tmp")
        do throws(Errno) {
            let space = try directory.openDirectory(path)
            let names = try DirectoryStream(space).all()
            for name in names { try space.unlink(name) }
            return names.count
        } catch .noSuchFileOrDirectory {
            return 0
        } catch {
            throw GranaryError.system(error, "sweep", path.description, on: .store)
        }
    }
}

extension Descriptor {
    func readSome(_ path: BytePath, into buffer: UnsafeMutableRawBufferPointer) throws(GranaryError) -> Int {
        try reporting("read", path, on: .source) { () throws(Errno) in try read(into: buffer) }
    }

    /// Everything up to the end, however long the file has become meanwhile; `limit.reached` beyond `limit` bytes.
    func readAll(_ path: BytePath, limit: Int) throws(GranaryError) -> [UInt8] {
        var bytes: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        while case let count = try readSome(path, into: buffer), count > 0 {
            bytes.append(contentsOf: buffer.prefix(count))
            guard bytes.count <= limit else { throw .tooLarge(path, limit: limit) }
        }
        return bytes
    }
}

extension GranaryError {
    static func tooLarge(_ path: BytePath, limit: Int) -> GranaryError {
        GranaryError(
            .limitReached, "'\(path)' is longer than \(limit) bytes.", subject: path.description,
            remedy: "Check that it is what its name says; split it if it is.", disposition: .quarantine)
    }
}

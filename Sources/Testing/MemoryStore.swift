// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import Synchronization

/// A store in memory that keeps the whole contract of `Store` and breaks it on request.
public final class MemoryStore: ArchiveStore {
    public enum Operation: Sendable, Hashable {
        case entries, entry, read, send, stage, publish, remove
    }

    public let location: String
    public let parallelReads = 4
    public let showsWholeFiles: Bool
    /// Calls that shall fail. `stage` and `publish` are counted once for each file.
    public let faults = FaultPlan<Operation>()
    let contents: Mutex<Contents>
    private let duringSend: Mutex<(@Sendable (MemoryStore, BytePath, Int) -> Void)?> = Mutex(nil)

    /// - Parameters:
    ///   - capacity: bytes that files and staged copies may take together; beyond it `store.full`.
    ///   - showsWholeFiles: true for a store like those of objects.
    public init(
        location: String = "memory://store", capacity: Int = .max, showsWholeFiles: Bool = false,
        clock: any WallClock = SystemClock()
    ) {
        self.location = location
        self.showsWholeFiles = showsWholeFiles
        contents = Mutex(Contents(capacity: capacity, clock: clock))
    }

    /// Puts a file in place as a provider would: whole or not, replacing what was there, as a new generation.
    public func put(_ path: BytePath, _ bytes: [UInt8], kind: StoreEntry.Kind = .file) {
        contents.withLock { $0.put(path, bytes, kind: kind) }
    }

    /// Has the store state checksums of a file as it sends it, right or wrong.
    ///
    /// - Parameter isListed: whether its listing says so beforehand, as object stores' do and web servers' don't.
    public func state(_ checksums: [Checksum], of path: BytePath, isListed: Bool = true) {
        contents.withLock { contents in
            contents.stated[path] = checksums
            contents.unlisted = isListed ? contents.unlisted.subtracting([path]) : contents.unlisted.union([path])
        }
    }

    public func delete(_ path: BytePath) { contents.withLock { $0.files[path] = nil } }

    /// The bytes at a path, whatever the faults planned.
    public func bytes(at path: BytePath) -> [UInt8]? { contents.withLock { $0.files[path]?.bytes } }

    /// Runs after each piece that `send` gave to its sink, with the path and the bytes sent so far: the place to change,
    /// truncate or remove the file while it is being read.
    public func whileSending(_ act: @escaping @Sendable (MemoryStore, BytePath, Int) -> Void) {
        duringSend.withLock { $0 = act }
    }

    public func entries() -> AsyncThrowingStream<[StoreEntry], any Error> {
        AsyncThrowingStream { continuation in
            do {
                try faults.visit(.entries)
                let all = contents.withLock { $0.entries() }
                for start in stride(from: 0, to: all.count, by: Limits.listingPage) {
                    continuation.yield(Array(all[start..<min(start + Limits.listingPage, all.count)]))
                }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
    }

    public func entry(at path: BytePath) async throws -> StoreEntry? {
        try faults.visit(.entry)
        try checkSafe(path)
        return contents.withLock { $0.entry(at: path) }
    }

    public func read(_ path: BytePath, limit: Int) async throws -> [UInt8] {
        try faults.visit(.read)
        let file = try file(at: path)
        guard file.bytes.count <= limit else { throw refusal(.limitReached, "is too long", path) }
        return file.bytes
    }

    public func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {
        try faults.visit(.send)
        if offset == 0, let stated = contents.withLock({ $0.stated[path] }) { sink.expect(stated) }
        var sent = Int(offset)
        while let piece = try piece(of: path, from: sent, generation: generation) {
            await sink.room()
            try piece.withUnsafeBytes { try sink.write($0) }
            sent += piece.count
            duringSend.withLock { $0 }?(self, path, sent)
        }
    }

    public func remove(_ path: BytePath, generation: String) async throws -> Bool {
        try faults.visit(.remove)
        try checkSafe(path)
        return contents.withLock { contents in
            guard let file = contents.files[path], file.entry(at: path).generation == generation else { return false }
            contents.files[path] = nil
            return true
        }
    }

    /// The next bytes of that very generation, nil after the last.
    private func piece(of path: BytePath, from start: Int, generation: String) throws -> [UInt8]? {
        guard let file = try? file(at: path), file.entry(at: path).generation == generation else {
            try checkSafe(path)
            throw GranaryError.changed(path)
        }
        return start < file.bytes.count ? Array(file.bytes[start..<min(start + 64 << 10, file.bytes.count)]) : nil
    }

    private func file(at path: BytePath) throws(GranaryError) -> MemoryFile {
        try checkSafe(path)
        guard let file = contents.withLock({ $0.files[path] }) else { throw refusal(.notFound, "does not exist", path) }
        guard file.kind == .file else { throw refusal(.pathRefused, "is a \(file.kind.rawValue)", path) }
        return file
    }

    func checkSafe(_ path: BytePath) throws(GranaryError) {
        if path.isUnsafe { throw refusal(.pathRefused, "names nothing below the root", path) }
    }

    func refusal(_ code: GranaryError.Code, _ what: String, _ path: BytePath) -> GranaryError {
        GranaryError(
            code, "'\(path)' \(what)", subject: path.description, remedy: "none: this store lives in memory",
            disposition: .retry(after: nil))
    }
}

struct MemoryFile {
    var bytes: [UInt8]
    var kind: StoreEntry.Kind
    var modified: Timestamp
    var version: Int

    func entry(at path: BytePath) -> StoreEntry {
        StoreEntry(path: path, kind: kind, size: Int64(bytes.count), modified: modified, generation: "v\(version)")
    }
}

/// What a `MemoryStore` holds.
struct Contents {
    let capacity: Int
    let clock: any WallClock
    var files: [BytePath: MemoryFile] = [:]
    var staged: [String: [UInt8]] = [:]
    var stated: [BytePath: [Checksum]] = [:]
    var unlisted: Set<BytePath> = []
    private var version = 0

    init(capacity: Int, clock: any WallClock) {
        self.capacity = capacity
        self.clock = clock
    }

    var used: Int {
        files.values.reduce(0) { $0 + $1.bytes.count } + staged.values.reduce(0) { $0 + $1.count }
    }

    func entries() -> [StoreEntry] { files.keys.sorted().compactMap(entry) }

    func entry(at path: BytePath) -> StoreEntry? {
        var entry = files[path]?.entry(at: path)
        entry?.isVouched = stated[path]?.isEmpty == false && !unlisted.contains(path)
        return entry
    }

    mutating func put(_ path: BytePath, _ bytes: [UInt8], kind: StoreEntry.Kind = .file) {
        version += 1
        files[path] = MemoryFile(bytes: bytes, kind: kind, modified: clock.now(), version: version)
    }

    /// The token of the copy, or nil when there is no room for it.
    mutating func stage(_ bytes: [UInt8]) -> String? {
        guard used <= capacity - bytes.count else { return nil }
        version += 1
        staged["copy-\(version)"] = bytes
        return "copy-\(version)"
    }
}

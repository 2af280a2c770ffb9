// SPDX-License-Identifier: Apache-2.0

/// The byte seam: a place that holds files by relative path. Staging areas, partners' servers and archives are stores.
///
/// What every store promises, and `StoreConformance` checks:
/// - A path is bytes; no path leaves the root, and none is followed through a symbolic link.
/// - A listing shows everything or ends with an error: what cannot be read is never empty.
/// - Nothing is believed that was not read whole, of one generation.
public protocol Store: Sendable {
    /// Where this is, for people and for URIs: `file:///archive`, `s3://bucket/prefix`. No trailing slash.
    var location: String { get }

    /// How many files may usefully be read from here at the same time: few where a disk turns, many where a network waits.
    var parallelReads: Int { get }

    /// True when a file appears whole or not at all, as an object does: nothing has to settle.
    var showsWholeFiles: Bool { get }

    /// Every entry below the root, files and everything else that is not a directory, in pages of bounded size.
    ///
    /// A directory that cannot be read ends the listing with an error: an unreadable source is never an empty one.
    func entries() -> AsyncThrowingStream<[StoreEntry], any Error>

    /// The entry at a path as it is now, or nil when nothing is there.
    func entry(at path: BytePath) async throws -> StoreEntry?

    /// A small file whole: a manifest, a sidecar, a message. Throws `limit.reached` beyond `limit` bytes.
    func read(_ path: BytePath, limit: Int) async throws -> [UInt8]

    /// Sends the bytes of one generation of a file to a sink, once, in order, from an offset on.
    ///
    /// Throws `source.changed` when the file is not, or no longer at the end, the generation that was asked for. After any
    /// other error the sink holds a prefix of what was asked for, and a new call from there on carries on.
    func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws

    /// Removes a file if it still is that very generation. Returns false, and removes nothing, when it is not.
    func remove(_ path: BytePath, generation: String) async throws -> Bool
}

extension Store {
    /// False, as a folder's files may be seen half-written.
    public var showsWholeFiles: Bool { false }

    /// Sends the whole file.
    public func send(_ path: BytePath, generation: String, to sink: any ByteSink) async throws {
        try await send(path, generation: generation, from: 0, to: sink)
    }
}

/// A store that may be an archive: it can make a file durable and visible at once, and never replaces one.
///
/// What every archive promises besides, and `StoreConformance.archiveChecks` checks:
/// - A published path shows the whole file or nothing, to every reader, at every instant, and across a power cut once
///   `publish` has returned. A published path is never overwritten.
/// - `stage` returns the digests of the bytes that it wrote.
public protocol ArchiveStore: Store {
    /// Copies files into this store's temporary space, reading each byte once and computing every digest asked for.
    ///
    /// One result for each request, in order; a failure of one does not touch the others. Nothing is visible yet.
    func stage(_ requests: [StageRequest], from source: any Store) async -> [Result<StagedFile, GranaryError>]

    /// Makes staged files durable and visible under their targets, without ever replacing anything.
    ///
    /// The flush is shared by the whole batch. An error means that the state of that file is unknown until asked: a
    /// failed flush is never retried on the same staged bytes.
    func publish(_ files: [StagedFile]) async -> [Result<PublishOutcome, GranaryError>]

    /// Removes staged files that will not be published.
    func discard(_ files: [StagedFile]) async

    /// Removes what dead attempts left in temporary space. Returns how many copies that were.
    ///
    /// Call it at start-up, before the first `stage`: it can't tell a dead attempt from one under way.
    @discardableResult
    func sweep() async throws -> Int
}

/// One thing seen in a store.
public struct StoreEntry: Sendable, Hashable {
    /// What a path leads to, without following a link.
    public enum Kind: String, Sendable, Hashable, Codable {
        case file
        case directory
        case symbolicLink = "symbolic link"
        case pipe
        case socket
        case device
    }

    public var path: BytePath
    public var kind: Kind
    /// In bytes.
    public var size: Int64
    /// When the source says it was last written; for people and for the `available` milestone only.
    public var modified: Timestamp
    /// A word that changes whenever the content may have: size, times and inode of a local file, ETag or version of an object.
    public var generation: String
    /// True when the store keeps a checksum beside the bytes and states it as it sends them (`ByteSink.expect`).
    public var isVouched: Bool

    public init(
        path: BytePath, kind: Kind, size: Int64, modified: Timestamp, generation: String, isVouched: Bool = false
    ) {
        self.path = path
        self.kind = kind
        self.size = size
        self.modified = modified
        self.generation = generation
        self.isVouched = isVouched
    }
}

/// Takes the bytes of one file in order. Called from a transfer thread; it may block.
public protocol ByteSink: AnyObject, Sendable {
    /// What the source's own store states of all the bytes of the file, said before the first of them. Who does not
    /// compare need not listen.
    func expect(_ checksums: [Checksum])

    /// Takes the next bytes, which are valid during the call only. An error ends the transfer with that error.
    func write(_ bytes: UnsafeRawBufferPointer) throws

    /// True when the next `write` will not wait for another transfer, as one does whose bytes go on to a server. After
    /// false `resume` is called once, from any thread, when that may have changed.
    ///
    /// Who writes from a thread that carries other transfers asks before each write; a sink in front of another passes the
    /// question on.
    func hasRoom(orCall resume: @escaping @Sendable () -> Void) -> Bool
}

extension ByteSink {
    public func expect(_ checksums: [Checksum]) {}
    public func hasRoom(orCall resume: @escaping @Sendable () -> Void) -> Bool { true }

    /// Waits until the next `write` will not.
    public func room() async {
        await withCheckedContinuation { waiter in
            if hasRoom(orCall: { waiter.resume() }) { waiter.resume() }
        }
    }
}

/// One file to copy.
public struct StageRequest: Sendable {
    public var path: BytePath
    public var generation: String
    /// Bytes of that generation, so that a small file takes little memory; nil when unknown.
    public var size: Int64?
    /// Where it shall be published, in the archive.
    public var target: BytePath
    /// Digests to compute besides SHA-256, which always is.
    public var digests: Set<Checksum.Algorithm>

    public init(
        path: BytePath, generation: String, size: Int64? = nil, target: BytePath,
        digests: Set<Checksum.Algorithm> = []
    ) {
        self.path = path
        self.generation = generation
        self.size = size
        self.target = target
        self.digests = digests
    }
}

/// A file that lies whole in the store's temporary space.
public struct StagedFile: Sendable, Hashable {
    public var target: BytePath
    /// The store's own name for the temporary copy.
    public var token: String
    /// Bytes that were read and written.
    public var size: Int64
    /// Digests of the bytes that were read and written, SHA-256 among them.
    public var digests: [Checksum.Algorithm: Checksum]
    /// What the source's store stated of them as it sent them (`ByteSink.expect`); each has its digest.
    public var stated: [Checksum]

    public init(
        target: BytePath, token: String, size: Int64, digests: [Checksum.Algorithm: Checksum], stated: [Checksum] = []
    ) {
        self.target = target
        self.token = token
        self.size = size
        self.digests = digests
        self.stated = stated
    }

    /// The archive's own word for the bytes.
    public var sha256: Checksum { digests[.sha256] ?? Checksum(.sha256, of: []) }
}

/// What became of a staged file.
public enum PublishOutcome: Sendable, Hashable {
    case published
    /// The target was there already with the same size and SHA-256: an earlier try that died before it was recorded.
    case alreadyThere
    /// The target was there already with other bytes; it was left as it is. The SHA-256 of what is there.
    case conflict(Checksum)
}

extension GranaryError {
    /// What a store throws for a generation that it does not hold, or does not hold any more.
    public static func changed(_ path: BytePath) -> GranaryError {
        GranaryError(
            .sourceChanged, "'\(path)' is not, or not any more, the generation that was asked for.",
            subject: path.description, remedy: "It is tried again as it is then.",
            disposition: .retry(after: nil))
    }
}

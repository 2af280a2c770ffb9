// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import Synchronization

/// An HTTP server on the loopback for tests: plain files, and as much of S3, SQS, SNS and Kinesis as Granary uses.
///
/// It verifies every signature, payload hash and checksum, goes wrong where its script says so, and keeps a journal of
/// every effect that it accepted. Messages and iterators age by a clock of their own, which only `advance` moves.
public final class FaultServer: Sendable {
    public let keys: AccessKeys
    /// The region that signatures must name.
    public let region = "us-east-1"
    public let faults = FaultScript()
    public let journal: Journal
    let core: ServerCore
    private let listener: Listener

    /// Starts on a free port.
    public init(keys: AccessKeys = AccessKeys()) throws {
        self.keys = keys
        let journal = Journal()
        let core = ServerCore(keys: keys, region: region, faults: faults, journal: journal)
        self.journal = journal
        self.core = core
        listener = try Listener { wire in core.serve(wire) }
        core.world.withLock { [port = listener.port] in $0.endpoint = "http://127.0.0.1:\(port)" }
    }

    deinit { listener.stop() }

    public var port: Int { Int(listener.port) }
    /// `http://127.0.0.1:PORT`, where S3 (path style), SQS, SNS and Kinesis answer.
    public var url: String { "http://127.0.0.1:\(port)" }
    /// Where plain files lie.
    public var filesURL: String { "\(url)/files" }

    /// Ends all connections and waits for the threads. Also done when the server is released.
    public func stop() { listener.stop() }
}

extension FaultServer {
    /// Connections that came in so far.
    public var connections: Int { listener.accepted }
    /// Requests that were read so far.
    public var requests: Int { core.requests.withLock { $0 } }

    /// Resets the next connections as soon as they are there.
    public func refuseConnections(_ count: Int) { listener.refuse(count) }
    /// Ends all connections that are there.
    public func hangUp() { listener.hangUp() }
    /// Stops listening, so that connecting is refused, until `reopen`.
    public func close() { listener.close() }
    public func reopen() throws { try listener.reopen() }

    /// Lets time pass for messages, deduplication and iterators.
    public func advance(by duration: Duration) { core.world.withLock { $0.messageTime = $0.messageTime + duration } }
    /// Sets the server's time of day so much ahead of the real one; signatures are judged by it.
    public func skewClock(by duration: Duration) { core.world.withLock { $0.skew = duration } }
    /// Whether requests must be signed; true at first.
    public func requireSignatures(_ required: Bool) { core.world.withLock { $0.requiresSignature = required } }
}

/// What a test sees of one object or file.
public struct StoredObject: Sendable, Hashable {
    public var bytes: [UInt8]
    public var etag: String
    public var modified: Timestamp
    public var metadata: [String: String]
}

extension FaultServer {
    public func createBucket(_ name: String, isVersioned: Bool = false) {
        core.world.withLock {
            var bucket = S3Bucket()
            bucket.isVersioned = isVersioned
            $0.s3.buckets[name] = bucket
        }
    }

    /// Sets the smallest part of a multipart upload that is not the last; 5 MiB at first, as on AWS.
    public func setSmallestPart(_ bytes: Int) { core.world.withLock { $0.s3.smallestPart = bytes } }

    /// Lays objects into a bucket without a request and without a note in the journal. All have the same bytes, and with
    /// `checksummed` a SHA-256 that is stated when asked for.
    public func put(
        _ bytes: [UInt8], bucket: String, keys: [String], metadata: [String: String] = [:], checksummed: Bool = false,
        modified: Timestamp = Timestamp(seconds: 1_767_225_600)
    ) {
        var object = S3Object(bytes: bytes, etag: Checksum(.md5, of: bytes).hex, modified: modified)
        object.headers = metadata.map { Header(name: "x-amz-meta-\($0.key.lowercased())", value: $0.value) }
        if checksummed { object.checksums[.sha256] = base64(rawBytes(Checksum(.sha256, of: bytes))) }
        core.world.withLock { [object] world in
            for key in keys {
                var one = object
                if world.s3.buckets[bucket]?.isVersioned == true { one.version = world.s3.fresh("v") }
                world.s3.buckets[bucket, default: S3Bucket()].store(one, at: Key(key))
            }
        }
    }

    /// The current object, or nil.
    public func object(_ key: String, bucket: String) -> StoredObject? {
        core.world.withLock { $0.s3.buckets[bucket]?.current(Key(key)) }.map { object in
            let metadata = object.headers.filter { $0.name.hasPrefix("x-amz-meta-") }
                .map { (String($0.name.dropFirst("x-amz-meta-".count)), $0.value) }
            return StoredObject(
                bytes: object.bytes, etag: object.etag, modified: object.modified,
                metadata: Dictionary(metadata) { $1 })
        }
    }

    /// The keys that have an object now, in order.
    public func keys(bucket: String) -> [String] {
        core.world.withLock { world in
            let all = world.s3.buckets[bucket]?.keys() ?? []
            return all.filter { world.s3.buckets[bucket]?.current($0) != nil }.map(\.text)
        }
    }

    /// The multipart uploads under way in a bucket, by name, with the key of each.
    public func uploads(bucket: String) -> [String: String] {
        core.world.withLock { $0.s3.buckets[bucket]?.uploads.mapValues(\.key.text) ?? [:] }
    }

    /// Lays files below `/files/`, all with the same bytes.
    public func putFiles(
        _ bytes: [UInt8], paths: [String], modified: Timestamp = Timestamp(seconds: 1_767_225_600)
    ) {
        let file = FilesModel.File(
            bytes: bytes, etag: String(Checksum(.md5, of: bytes).hex.prefix(16)), modified: modified)
        core.world.withLock { for path in paths { $0.files.files[path] = file } }
    }

    public func removeFile(_ path: String) { core.world.withLock { $0.files.files[path] = nil } }
    /// Folders are listed as HTML instead of JSON.
    public func listFilesAsHTML(_ html: Bool) { core.world.withLock { $0.files.listsHTML = html } }
    /// Files are given only to who says `user:password`.
    public func requireLogin(_ login: String?) { core.world.withLock { $0.files.login = login } }
}

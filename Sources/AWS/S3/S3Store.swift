// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
internal import Synchronization

/// A bucket, or what is below a prefix of it, as a store: a staging area or an archive.
///
/// An object appears whole or not at all, so nothing has to settle. Keys that are no path below the root (`a//b`, `../a`)
/// are listed, to be refused with a reason, and never fetched. As an archive one process owns what is below the prefix:
/// `sweep` relies on it. Its own things lie below `.granary/`, which no listing shows and no target may use.
public final class S3Store: ArchiveStore {
    public let location: String
    public let parallelReads: Int
    /// Always: an object is there whole or not at all.
    public var showsWholeFiles: Bool { true }

    let objects: S3Client
    let prefix: BytePath
    let settings: Settings
    let bench: StagedObjects
    let proof = Mutex<ArchiveProof?>(nil)

    /// How much of this machine staging into the bucket may take. Memory at most: `filesAtOnce` parts, `uploadsAtOnce`
    /// times `partsAtOnce + 1` more, and `heldBytes`.
    public struct Settings: Sendable, Hashable {
        /// Bytes of a part; S3 wants at least 5 MiB. Files up to that size are written by one request. From part 1251 on
        /// parts are twice as large, and so on, which makes 2.5 TB in 10,000 parts.
        public var partBytes = 8 << 20
        /// Parts of one file that are on their way at a time.
        public var partsAtOnce = 3
        public var filesAtOnce = 16
        /// Files of several parts among them.
        public var uploadsAtOnce = 4
        /// Bytes of small files that are kept until they are published; what is beyond goes into an upload at once.
        public var heldBytes = 128 << 20
        /// Files that may usefully be read at a time.
        public var parallelReads = 16

        public init() {}
    }

    /// - Parameters:
    ///   - client: of the service `s3`.
    ///   - prefix: without a slash at either end; empty for the whole bucket.
    public init(_ client: AWSClient, bucket: String, prefix: String = "", settings: Settings = Settings()) {
        precondition(client.service == "s3", "a bucket is reached by a client of s3, not of \(client.service)")
        objects = S3Client(client: client, bucket: bucket)
        let prefix = prefix.split(separator: "/", omittingEmptySubsequences: false).drop { $0.isEmpty }
        let trimmed = prefix.reversed().drop { $0.isEmpty }.reversed().joined(separator: "/")
        self.prefix = BytePath(trimmed)
        self.settings = settings
        parallelReads = settings.parallelReads
        bench = StagedObjects(settings)
        location = "s3://\(bucket)" + (trimmed.isEmpty ? "" : "/\(trimmed)")
    }

    /// The key of a path. Throws `path.refused` for one that is not below the root.
    func key(of path: BytePath) throws(GranaryError) -> BytePath {
        guard !path.isUnsafe else {
            throw GranaryError(
                .pathRefused, "'\(path)' names nothing below '\(location)'.", subject: path.description,
                remedy: "Use a relative path without '.', '..' and empty components.", disposition: .quarantine)
        }
        return prefix.appending(path)
    }
}

/// The first component of the store's own things.
let reservedFolder = BytePath(".granary")

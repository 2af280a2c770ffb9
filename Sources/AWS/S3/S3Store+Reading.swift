// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
internal import GranaryTransfer

extension S3Store {
    /// Page by page, in the service's order; each page is asked for again by itself when that may help.
    public func entries() -> AsyncThrowingStream<[StoreEntry], any Error> {
        let walk = BucketWalk(objects, below: prefix)
        return AsyncThrowingStream { try await walk.nextPage() }
    }

    public func entry(at path: BytePath) async throws -> StoreEntry? {
        try await objects.head(try key(of: path)).map { StoreEntry(path, $0) }
    }

    public func read(_ path: BytePath, limit: Int) async throws -> [UInt8] {
        guard let bytes = try await objects.get(try key(of: path), limit: limit) else {
            throw GranaryError(
                .notFound, "There is no '\(path)' in '\(location)'.", subject: path.description,
                remedy: "List the bucket to see what is there now.", disposition: .retry(after: nil))
        }
        return bytes
    }

    /// One request, one answer, one generation: the ETag is a condition of the request, and size and time are compared.
    ///
    /// An object that states no checksum of all its bytes is looked at once more at the end, in case a service answers
    /// from what is being overwritten.
    public func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {
        let key = try key(of: path)
        guard let wanted = S3Generation(generation) else { throw GranaryError.changed(path) }
        if offset >= wanted.size, offset > 0 { return try await confirm(key, path, wanted) }
        // A service whose length is too small for what it promises would otherwise make a short file a whole one.
        let guarded = GuardedSink(sink, path, expecting: wanted.size - offset)
        let isSame = try await objects.download(key, tag: wanted.tag, from: offset) { head in
            guard S3Generation(head) == wanted else { throw GranaryError.changed(path) }
            if offset == 0 { sink.expect(head.stated) }
            return guarded
        }
        guard isSame else { throw GranaryError.changed(path) }
        try guarded.finish()
        if offset > 0 || !wanted.hasPlainTag { try await confirm(key, path, wanted) }
    }

    private func confirm(_ key: BytePath, _ path: BytePath, _ wanted: S3Generation) async throws {
        guard try await objects.head(key).map(S3Generation.init) == wanted else { throw GranaryError.changed(path) }
    }

    /// Removes the current version; a versioned bucket keeps it as an older one.
    public func remove(_ path: BytePath, generation: String) async throws -> Bool {
        let key = try key(of: path)
        guard let head = try await objects.head(key), S3Generation(head).text == generation else { return false }
        return try await objects.delete(key, tag: head.tag)
    }
}

/// What tells two contents of one key apart: ETag, size and the second of writing, the same from HEAD, GET and listing.
struct S3Generation: Sendable, Hashable {
    var tag: String
    var size: Int64
    var seconds: Int64

    init(_ head: S3Head) { (tag, size, seconds) = (head.tag, head.size, head.modified.microseconds / 1_000_000) }
    init(_ object: S3Object) {
        (tag, size, seconds) = (object.tag, object.size, object.modified.microseconds / 1_000_000)
    }

    /// Nil when no store of ours can have given that word.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, let size = Int64(parts[parts.count - 2]), let seconds = Int64(parts[parts.count - 1])
        else { return nil }
        (self.size, self.seconds) = (size, seconds)
        tag = parts.dropLast(2).joined(separator: "/")
    }

    var text: String { "\(tag)/\(size)/\(seconds)" }

    /// True when the ETag may be the MD5 of the bytes, as of objects that were written by one request.
    var hasPlainTag: Bool { Checksum(.md5, hex: tag) != nil }
}

extension StoreEntry {
    init(_ path: BytePath, _ head: S3Head) {
        let generation = S3Generation(head)
        self.init(
            path: path, kind: .file, size: head.size, modified: head.modified, generation: generation.text,
            isVouched: head.isVouched)
    }

    init(_ path: BytePath, _ object: S3Object) {
        let generation = S3Generation(object)
        self.init(
            path: path, kind: .file, size: object.size, modified: object.modified, generation: generation.text,
            isVouched: generation.hasPlainTag || object.isFullObject)
    }
}

/// One listing under way.
private actor BucketWalk {
    private let objects: S3Client
    private let root: BytePath
    private var order = S3ListingOrder()
    private var token: String?
    private var isDone = false

    init(_ objects: S3Client, below prefix: BytePath) {
        self.objects = objects
        root = prefix.bytes.isEmpty ? prefix : BytePath(prefix.bytes + "/".utf8)
    }

    /// The next page that holds anything, nil after the last.
    func nextPage() async throws -> [StoreEntry]? {
        while !isDone {
            let page = try await objects.list(prefix: root, after: token)
            try order.take(page)
            token = page.next
            isDone = page.next == nil
            let entries = try page.objects.compactMap(entry)
            if !entries.isEmpty { return entries }
        }
        return nil
    }

    private func entry(_ object: S3Object) throws -> StoreEntry? {
        guard object.key.bytes.starts(with: root.bytes) else {
            throw GranaryError.otherAnswer("keys below '\(root)'", object.key.description)
        }
        let path = BytePath(object.key.bytes.dropFirst(root.bytes.count))
        // The marker of the root itself is no entry below it.
        guard !path.bytes.isEmpty, path.components[0] != reservedFolder.bytes[...] else { return nil }
        return StoreEntry(path, object)
    }
}

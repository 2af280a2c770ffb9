// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// One line of a server's listing, understood: what is in a directory under which name.
struct ListedName: Sendable, Hashable {
    /// As the server gave it. It may hold `/`, control characters, anything.
    var name: [UInt8]
    var kind: StoreEntry.Kind
    /// In bytes.
    var size: Int64
    /// The time in the server's own words: good enough to see a change, not to say when.
    var stamp: String
    /// Size and time to the second, where the listing states them so.
    var status: RemoteStatus?

    /// The directory itself and the one above it, which listings show among what is in a directory.
    var isDots: Bool { name == dots[0] || name == dots[1] }

    /// Where it is, below `directory`. A name that is no name makes a path that `BytePath.isUnsafe` refuses, so that it is
    /// shown and never fetched.
    func path(in directory: BytePath) -> BytePath {
        directory.appending(BytePath(name.contains(UInt8(ascii: "/")) ? [UInt8(ascii: "/")] + name : name))
    }

    /// As good an entry as the line alone gives.
    func entry(in directory: BytePath) -> StoreEntry {
        let path = path(in: directory)
        guard let status else {
            return StoreEntry(
                path: path, kind: kind, size: size, modified: Timestamp(seconds: 0), generation: "\(size) \(stamp)")
        }
        return status.entry(at: path, kind)
    }
}

private let dots = [[UInt8(ascii: ".")], [UInt8](repeating: UInt8(ascii: "."), count: 2)]

/// What a server says of one file when asked for it alone. Its text is the file's generation.
struct RemoteStatus: Sendable, Hashable {
    /// In bytes.
    var size: Int64
    /// Seconds since 1970; nil where the server does not tell.
    var modified: Int64?
    /// A strong ETag of http, in its quotes, where it says more than size and time.
    var tag: String?

    init(size: Int64, modified: Int64?, tag: String? = nil) {
        self.size = size
        self.modified = modified
        self.tag = tag
    }

    /// Reads a generation back; nil when it is none of ours.
    init?(generation: String) {
        let parts = generation.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let size = Int64(parts[0]), size >= 0 else { return nil }
        self.init(size: size, modified: Int64(parts[1]), tag: parts[1].hasPrefix("\"") ? String(parts[1]) : nil)
        guard self.generation == generation else { return nil }
    }

    /// `size@seconds`, or `size@"tag"`. Two writings of one size within one second can't be told apart but by a tag, which
    /// http alone has.
    var generation: String { "\(size)@\(tag ?? modified.map { String($0) } ?? "")" }

    func entry(at path: BytePath, _ kind: StoreEntry.Kind = .file) -> StoreEntry {
        StoreEntry(
            path: path, kind: kind, size: size, modified: Timestamp(seconds: modified ?? 0), generation: generation)
    }
}

// SPDX-License-Identifier: Apache-2.0

/// How much JSON one message may be, and what is forgiven around it.
public struct JSONLimits: Sendable {
    /// The most bytes a document may have.
    public var bytes: Int
    /// How deep arrays and objects may nest; whatever stands here, never beyond `deepest`, because reading recurses.
    public var depth: Int
    /// Whether a UTF-8 byte order mark before the document is skipped. JSON forbids it (RFC 8259 §8.1), so the default
    /// refuses it by name; readers of other people's messages may forgive it.
    public var allowsByteOrderMark: Bool

    /// The most levels of nesting that are ever read.
    public static let deepest = 512
    /// 64 MiB, 64 levels, no byte order mark.
    public static let `default` = JSONLimits()

    public init(bytes: Int = 64 << 20, depth: Int = 64, allowsByteOrderMark: Bool = false) {
        self.bytes = bytes
        self.depth = depth
        self.allowsByteOrderMark = allowsByteOrderMark
    }
}

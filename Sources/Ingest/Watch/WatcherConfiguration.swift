// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// One staging area and how it is looked at.
public struct WatcherConfiguration: Sendable {
    /// The source's name in the ledger and in every report.
    public var name: String
    /// The longest time between two full listings; change notices only bring the next one forward.
    public var interval: Duration
    public var settle: SettleRule
    /// Names that mean "not finished": `*` and `?` as in a shell, over the file's own name.
    public var temporary: [NameGlob]
    /// Names that are none of our business.
    public var exclude: [NameGlob]
    public var afterwards: SourcePolicy

    public init(
        name: String, interval: Duration = .seconds(10), settle: SettleRule = SettleRule(),
        temporary: [NameGlob] = Self.usualTemporary, exclude: [NameGlob] = [], afterwards: SourcePolicy = .keep
    ) {
        self.name = name
        self.interval = interval
        self.settle = settle
        self.temporary = temporary
        self.exclude = exclude
        self.afterwards = afterwards
    }

    public static let usualTemporary = [
        "*.part", "*.tmp", "*.filepart", "*.inprogress", "*.writing", "*.partial", ".*",
    ]
    .map(NameGlob.init)
}

/// When a file for which nobody vouches counts as finished: unchanged over `looks` looks at least `window` apart.
public struct SettleRule: Sendable, Hashable {
    public var looks: Int
    public var window: Duration

    public init(looks: Int = 2, window: Duration = .seconds(5)) {
        self.looks = looks
        self.window = window
    }

    /// For files that an operator hands over: finished by their word.
    public static let immediate = SettleRule(looks: 1, window: .zero)
}

/// What becomes of the source once its bytes are durable in the archive and in the ledger.
public enum SourcePolicy: String, Sendable, Hashable, CaseIterable, Codable {
    case keep
    /// Remove archived files and duplicates, if they are still the very bytes that were read.
    case delete
}

/// A name pattern with `*` (any bytes) and `?` (any one byte).
public struct NameGlob: Sendable, Hashable {
    public let source: String

    public init(_ source: String) { self.source = source }

    /// Matches by walking both once, remembering the last `*`: no backtracking beyond it.
    public func matches(_ name: BytePath) -> Bool {
        let (pattern, text) = (Array(source.utf8), name.bytes)
        var (p, t) = (0, 0)
        var star: (p: Int, t: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = star {
                star = (last.p, last.t + 1)
                (p, t) = (last.p + 1, last.t + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// How much memory this process has in use, as the kernel counts it. It means something only where nothing else runs: in
/// an exit test.
public struct ResidentMemory: Sendable {
    private let first: Int
    /// The most by which it grew beyond the first look, in bytes.
    public private(set) var growth = 0

    /// Counts from now on.
    public init() { first = Self.bytes }

    public mutating func look() { growth = max(growth, Self.bytes - first) }

    public static var bytes: Int {
        let words = String(decoding: FileManager.default.contents(atPath: "/proc/self/statm") ?? Data(), as: UTF8.self)
            .split(separator: " ")
        return words.count > 1 ? (Int(words[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }
}

/// How many entries a listing has that must not fill the memory: a million with `GRANARY_EXHAUSTIVE=1`, else fewer.
public var manyEntries: Int { ProcessInfo.processInfo.environment["GRANARY_EXHAUSTIVE"] == nil ? 150_000 : 1_000_000 }

/// By how much memory may grow while they are listed, in bytes: less than their names alone take.
public var growthAllowed: Int { manyEntries == 1_000_000 ? 16 << 20 : 8 << 20 }

/// Sees that each of so many things comes once.
public struct Roll: Sendable {
    private var seen: [Bool]
    public private(set) var count = 0

    public init(_ count: Int) { seen = Array(repeating: false, count: count) }

    /// False for what is none of them, or came before.
    public mutating func tick(_ number: Int?) -> Bool {
        guard let number, seen.indices.contains(number), !seen[number] else { return false }
        seen[number] = true
        count += 1
        return true
    }
}

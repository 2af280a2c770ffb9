// SPDX-License-Identifier: Apache-2.0

/// The only source of chance: identifiers and jitter. Tests and the simulated site give a seeded one.
public protocol Randomness: Sendable {
    /// 64 new bits, each equally often 0 and 1.
    func bits() -> UInt64
}

/// The system's own, good enough for what nobody may guess.
public struct SystemRandomness: Randomness {
    public init() {}
    public func bits() -> UInt64 { UInt64.random(in: .min ... .max) }
}

extension Randomness {
    /// 128 random bits in the form of a version 4 UUID: an identifier that nobody can guess.
    public func identifier() -> String {
        let high = bits() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = bits() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
        let text = Array(hexadecimal(digits))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(text[$0]) }.joined(separator: "-")
    }

    /// A number from 0 up to, not including, 1.
    public func fraction() -> Double { Double(bits() >> 11) / Double(UInt64(1) << 53) }
}

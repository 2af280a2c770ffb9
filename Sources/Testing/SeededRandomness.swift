// SPDX-License-Identifier: Apache-2.0

public import GranaryCore
import Synchronization

/// The same chance for the same seed, from a `SeededGenerator`. Print the seed with every failure.
public final class SeededRandomness: Randomness {
    private let generator: Mutex<SeededGenerator>

    public init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    public func bits() -> UInt64 { generator.withLock { $0.next() } }
}

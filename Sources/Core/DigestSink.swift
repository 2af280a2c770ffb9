// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A sink that keeps nothing but the checksum of what passed.
public final class DigestSink: ByteSink {
    private let running: Mutex<RunningChecksum>

    public init(_ algorithm: Checksum.Algorithm) { running = Mutex(RunningChecksum(algorithm)) }

    public func write(_ bytes: UnsafeRawBufferPointer) { running.withLock { $0.update(bytes) } }

    /// The checksum of all bytes so far.
    public var checksum: Checksum { running.withLock { $0.finish() } }
}

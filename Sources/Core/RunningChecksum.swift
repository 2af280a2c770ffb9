// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A checksum under way: feed bytes as they pass, then finish. A value, so a copy is a snapshot.
public struct RunningChecksum: Sendable {
    public let algorithm: Checksum.Algorithm
    private var function: any DigestFunction

    public init(_ algorithm: Checksum.Algorithm) {
        self.algorithm = algorithm
        function =
            switch algorithm {
            // MD5 and SHA-1 are what providers still send; they prove a transfer, not an author.
            case .md5: Insecure.MD5()
            case .sha1: Insecure.SHA1()
            case .sha256: SHA256()
            case .sha384: SHA384()
            case .sha512: SHA512()
            case .crc32, .crc32c, .crc64nvme: CRC(algorithm)
            }
    }

    /// Feeds the next bytes; they may come in pieces of any size.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { function.update(bufferPointer: bytes) }

    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The checksum of all bytes fed so far.
    public func finish() -> Checksum {
        guard let checksum = Checksum(algorithm, digest: function.finalBytes) else {
            preconditionFailure("\(algorithm) gave a digest of the wrong length")
        }
        return checksum
    }
}

/// What digests and cyclic checks have in common.
protocol DigestFunction: Sendable {
    mutating func update(bufferPointer: UnsafeRawBufferPointer)
    /// The result of all bytes so far; more may follow.
    var finalBytes: [UInt8] { get }
}

extension HashFunction { var finalBytes: [UInt8] { Array(finalize()) } }
extension Insecure.MD5: DigestFunction {}
extension Insecure.SHA1: DigestFunction {}
extension SHA256: DigestFunction {}
extension SHA384: DigestFunction {}
extension SHA512: DigestFunction {}

extension Checksum {
    /// The checksum of bytes that are in memory.
    public init(_ algorithm: Algorithm, of bytes: [UInt8]) {
        var running = RunningChecksum(algorithm)
        running.update(bytes)
        self = running.finish()
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The cyclic redundancy checks that S3 knows, bit-reflected, from the generator polynomial.
struct CyclicChecksum: Sendable {
    private let table: [UInt64]
    private let mask: UInt64
    /// The length in bytes.
    let width: Int

    static let crc32 = CyclicChecksum(reflected: 0xEDB8_8320, width: 4)
    static let crc32c = CyclicChecksum(reflected: 0x82F6_3B78, width: 4)
    static let crc64nvme = CyclicChecksum(reflected: 0x9A6C_9329_AC4B_C9B5, width: 8)

    private init(reflected polynomial: UInt64, width: Int) {
        self.width = width
        mask = width == 8 ? .max : (1 << UInt64(width * 8)) - 1
        table = (0..<256).map { start in
            (0..<8).reduce(UInt64(start)) { value, _ in value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
        }
    }

    /// The check of some bytes, most significant byte first.
    func digest(of bytes: [UInt8]) -> [UInt8] {
        var value = mask
        table.withUnsafeBufferPointer { table in
            bytes.withUnsafeBufferPointer { bytes in
                var place = 0
                while place < bytes.count {
                    value = table[Int(truncatingIfNeeded: value & 0xFF) ^ Int(bytes[place])] ^ value >> 8
                    place += 1
                }
            }
        }
        value ^= mask
        return (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
    }
}

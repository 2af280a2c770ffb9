// SPDX-License-Identifier: Apache-2.0

/// A cyclic redundancy check under way, as object stores state them: CRC-32, CRC-32C (Castagnoli), CRC-64/NVME.
///
/// All three are of the reflected kind that begins with ones and ends inverted, so one loop serves them: eight bytes a step
/// (slicing by eight), the remainder in the low bits.
struct CRC: DigestFunction {
    private let tables: [UInt64]
    private let width: Int
    private var remainder: UInt64

    /// - Precondition: `algorithm` is a cyclic check.
    init(_ algorithm: Checksum.Algorithm) {
        precondition(!algorithm.isDigest, "\(algorithm) is no cyclic check")
        tables = algorithm == .crc32 ? crc32Tables : algorithm == .crc32c ? crc32cTables : crc64Tables
        width = algorithm.byteCount
        remainder = UInt64.max >> UInt64(64 - 8 * width)
    }

    mutating func update(bufferPointer bytes: UnsafeRawBufferPointer) {
        remainder = tables.withUnsafeBufferPointer { advance(remainder, over: bytes, by: $0) }
    }

    var finalBytes: [UInt8] {
        let value = ~remainder
        return (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
}

private let crc32Tables = tables(of: 0xEDB8_8320)
private let crc32cTables = tables(of: 0x82F6_3B78)
private let crc64Tables = tables(of: 0x9A6C_9329_AC4B_C9B5)

/// Table `k` holds, for each byte, the remainder that it leaves `k` zero bytes later.
private func tables(of polynomial: UInt64) -> [UInt64] {
    var tables: [UInt64] = (0..<256).map { byte in
        (0..<8).reduce(byte) { value, _ in value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
    }
    for index in 256..<(8 * 256) {
        let before = tables[index - 256]
        tables.append(before >> 8 ^ tables[Int(before & 0xFF)])
    }
    return tables
}

private func advance(
    _ start: UInt64, over bytes: UnsafeRawBufferPointer, by tables: UnsafeBufferPointer<UInt64>
) -> UInt64 {
    guard let base = bytes.baseAddress, let table = tables.baseAddress else { return start }
    var remainder = start
    var offset = 0
    while offset &+ 8 <= bytes.count {
        let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ remainder
        remainder = spread(word, over: table)
        offset &+= 8
    }
    while offset < bytes.count {
        let byte = base.load(fromByteOffset: offset, as: UInt8.self)
        remainder = remainder >> 8 ^ table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)]
        offset &+= 1
    }
    return remainder
}

/// The remainder after the eight bytes of a word, its lowest first.
@inline(__always)
private func spread(_ word: UInt64, over table: UnsafePointer<UInt64>) -> UInt64 {
    @inline(__always)
    func part(_ place: Int) -> UInt64 {
        table[(7 &- place) &* 256 &+ Int(UInt8(truncatingIfNeeded: word >> UInt64(8 &* place)))]
    }
    return part(0) ^ part(1) ^ part(2) ^ part(3) ^ part(4) ^ part(5) ^ part(6) ^ part(7)
}

// SPDX-License-Identifier: Apache-2.0

/// A digest of a file's bytes, as a provider, a manifest or our own reading states it.
///
/// Two checksums are equal when algorithm and digits are; digits are kept as lower-case hexadecimal.
public struct Checksum: Sendable, Hashable {
    public let algorithm: Algorithm
    /// Two lower-case digits for each byte of the digest.
    public let hex: String

    /// Spelled as CNM 1.6.1 spells them, and as S3 does what CNM has no word for: SHA-384, which manifests use, and the
    /// cyclic checks of object stores.
    public enum Algorithm: String, Sendable, Hashable, CaseIterable, Codable {
        case md5
        case sha1 = "SHA1"
        case sha256 = "SHA256"
        case sha384 = "SHA384"
        case sha512 = "SHA512"
        case crc32 = "CRC32"
        case crc32c = "CRC32C"
        case crc64nvme = "CRC64NVME"
    }

    /// Nil when `hex` is not the right number of hexadecimal digits for `algorithm`. Upper case is accepted.
    public init?(_ algorithm: Algorithm, hex: some StringProtocol) {
        guard hex.utf8.count == algorithm.byteCount * 2, let digits = lowerCaseDigits(String(hex)) else { return nil }
        self.algorithm = algorithm
        self.hex = digits
    }

    /// Nil when `digest` has not the length of `algorithm`.
    public init?(_ algorithm: Algorithm, digest: some Collection<UInt8>) {
        guard digest.count == algorithm.byteCount else { return nil }
        self.algorithm = algorithm
        hex = hexadecimal(digest)
    }
}

extension Checksum.Algorithm {
    /// The length of a digest in bytes.
    public var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        }
    }

    /// False for cyclic checks: they find a transfer that went wrong, but tell no two files apart.
    public var isDigest: Bool { byteCount >= 16 }

    /// What manifests and messages state; from the weakest to the strongest.
    public static let digests = allCases.filter(\.isDigest)

    /// Reads every spelling of a digest met in manifests and messages: `MD5`, `sha-256`, `SHA_512`, `sha1`.
    public init?(spelling: some StringProtocol) {
        let word = spelling.lowercased().filter { $0 != "-" && $0 != "_" && $0 != "/" }
        guard let match = Self.digests.first(where: { $0.rawValue.lowercased() == word }) else { return nil }
        self = match
    }
}

extension Checksum {
    /// The digest itself, most significant byte first.
    public var bytes: [UInt8] {
        let digits = hex.utf8.map { $0 <= UInt8(ascii: "9") ? $0 - UInt8(ascii: "0") : $0 - UInt8(ascii: "a") + 10 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

extension Checksum: CustomStringConvertible {
    /// `SHA256:9f2c…`, the form of tables and of the ledger.
    public var description: String { "\(algorithm.rawValue):\(hex)" }

    /// Reads the form that `description` writes.
    public init?(_ description: some StringProtocol) {
        let text = String(description)
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            let algorithm = Algorithm(rawValue: String(text[..<colon]))
        else { return nil }
        self.init(algorithm, hex: text[text.utf8.index(after: colon)...])
    }
}

/// Nil when there is anything but hexadecimal digits. Byte by byte: the ledger reads several of these for each file.
private func lowerCaseDigits(_ text: String) -> String? {
    var digits = Array(text.utf8)
    for index in digits.indices {
        switch digits[index] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): continue
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digits[index] |= 0x20
        default: return nil
        }
    }
    return String(decoding: digits, as: UTF8.self)
}

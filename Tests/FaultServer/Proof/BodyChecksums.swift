// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// The checksums of S3, under the names that its headers use after `x-amz-checksum-`.
enum ChecksumName: String, Sendable, CaseIterable {
    case sha256, sha1, crc32, crc32c, crc64nvme

    var header: String { "x-amz-checksum-\(rawValue)" }
    /// As in `ChecksumAlgorithm`.
    var upper: String { rawValue.uppercased() }
    /// Of the elements of CompleteMultipartUpload.
    var element: String { "Checksum\(upper)" }

    /// Whether it is a check of the whole object also for a multipart upload, when nobody says which.
    var isWholeByDefault: Bool { self == .crc64nvme }

    func digest(of bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sha256: rawBytes(Checksum(.sha256, of: bytes))
        case .sha1: rawBytes(Checksum(.sha1, of: bytes))
        case .crc32: CyclicChecksum.crc32.digest(of: bytes)
        case .crc32c: CyclicChecksum.crc32c.digest(of: bytes)
        case .crc64nvme: CyclicChecksum.crc64nvme.digest(of: bytes)
        }
    }
}

/// The bytes that the hexadecimal digits of a checksum stand for.
func rawBytes(_ checksum: Checksum) -> [UInt8] {
    let digits = Array(checksum.hex.utf8)
    return stride(from: 0, to: digits.count, by: 2).map {
        UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
    }
}

/// What a request states of its body, proved.
struct BodyChecksums: Sendable {
    /// Base64 digests by name, as they were stated and found right.
    private(set) var stated: [ChecksumName: String] = [:]
    let md5: Checksum

    /// Throws `BadDigest` for a statement that the body does not keep.
    init(proving request: Request) throws(Refusal) {
        md5 = Checksum(.md5, of: request.body)
        if let text = request.header("content-md5") {
            guard let bytes = base64Bytes(text), bytes.count == 16 else {
                throw Refusal(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
            }
            guard bytes == rawBytes(md5) else {
                throw Refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
            }
        }
        for name in ChecksumName.allCases {
            guard let text = request.header(name.header) else { continue }
            guard text == base64(name.digest(of: request.body)) else {
                throw Refusal(
                    400, "BadDigest", "The \(name.upper) you specified did not match the calculated checksum.")
            }
            stated[name] = text
        }
        guard stated.count < 2 else {
            throw Refusal(400, "InvalidRequest", "Expecting a single x-amz-checksum- header.")
        }
    }
}

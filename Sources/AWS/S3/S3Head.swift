// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore
internal import GranaryTransfer

/// What the headers of a HEAD or GET say of an object.
struct S3Head: Sendable, Hashable {
    /// Without quotes.
    var tag: String
    /// Of the whole object, in bytes.
    var size: Int64
    var modified: Timestamp
    /// What is stated of all bytes: checksums of the whole object, an ETag that is an MD5, digests in user metadata.
    var stated: [Checksum]
    /// What the service itself computed of all bytes, the strongest of several.
    var checksum: Checksum?
    /// `base64-N`, for an object of N parts: the SHA-256 of their SHA-256s.
    var composite: String?

    /// Throws `answer.invalid` when size, time or ETag are missing.
    init(_ answer: TransferAnswer) throws {
        guard let tag = answer.header("ETag"), let size = wholeSize(answer),
            let modified = answer.header("Last-Modified").flatMap(httpDate)
        else { throw GranaryError.otherAnswer("ETag, length and time", "less") }
        self.tag = unquoted(tag)
        self.size = size
        self.modified = modified
        composite = answer.header("x-amz-checksum-sha256").flatMap { $0.contains("-") ? $0 : nil }
        checksum = S3Words.checksums.lazy.compactMap { fullChecksum(answer, $0, $1) }.first
        stated = Array(statedChecksums(answer, self.tag))
    }

    var isVouched: Bool { !stated.isEmpty }

    func digest(_ algorithm: Checksum.Algorithm) -> Checksum? { stated.first { $0.algorithm == algorithm } }
}

/// The length of the whole object: of a range it is the number after the `/`.
private func wholeSize(_ answer: TransferAnswer) -> Int64? {
    guard let range = answer.header("Content-Range") else { return answer.status == 206 ? nil : answer.length }
    return range.split(separator: "/").last.flatMap { Int64($0) }
}

private func statedChecksums(_ answer: TransferAnswer, _ tag: String) -> Set<Checksum> {
    var stated = Set(S3Words.checksums.compactMap { fullChecksum(answer, $0, $1) })
    if let md5 = md5(tag, answer) { stated.insert(md5) }
    for header in answer.headers {
        let name = header.name.lowercased()
        guard name.hasPrefix("x-amz-meta-") else { continue }
        if let checksum = S3Words.metadata(name.dropFirst("x-amz-meta-".count), header.value) {
            stated.insert(checksum)
        }
    }
    return stated
}

/// A checksum of all bytes; one of the checksums of parts says nothing of them.
private func fullChecksum(
    _ answer: TransferAnswer, _ header: String, _ algorithm: Checksum.Algorithm
) -> Checksum? {
    guard answer.header("x-amz-checksum-type")?.uppercased() != "COMPOSITE",
        let digest = answer.header(header).flatMap({ base64Bytes($0) })
    else { return nil }
    return Checksum(algorithm, digest: digest)
}

/// The ETag of an object that was written whole, and not with a key of the customer's or of KMS, is its MD5.
private func md5(_ tag: String, _ answer: TransferAnswer) -> Checksum? {
    let encryption = answer.header("x-amz-server-side-encryption") ?? "AES256"
    guard encryption == "AES256", answer.header("x-amz-server-side-encryption-customer-algorithm") == nil else {
        return nil
    }
    return Checksum(.md5, hex: tag)
}

/// The words in which S3 and its users state checksums.
enum S3Words {
    static let checksums: [(header: String, algorithm: Checksum.Algorithm)] = [
        ("x-amz-checksum-sha256", .sha256), ("x-amz-checksum-sha1", .sha1), ("x-amz-checksum-crc32", .crc32),
        ("x-amz-checksum-crc32c", .crc32c), ("x-amz-checksum-crc64nvme", .crc64nvme),
    ]

    /// A digest that a user put beside the object: `md5checksum`, `md5chksum` (rclone), `sha256`, in hexadecimal or
    /// base64. Nil for whatever else is there.
    static func metadata(_ name: some StringProtocol, _ value: String) -> Checksum? {
        let word = name.lowercased().filter { $0.isLetter || $0.isNumber }
        guard let algorithm = algorithms[word] else { return nil }
        return Checksum(algorithm, hex: value)
            ?? base64Bytes(value).flatMap { Checksum(algorithm, digest: $0) }
    }

    private static let algorithms: [String: Checksum.Algorithm] = {
        var algorithms: [String: Checksum.Algorithm] = [:]
        for algorithm in Checksum.Algorithm.digests {
            let word = algorithm.rawValue.lowercased()
            for name in [word, "\(word)sum", "\(word)checksum", "\(word)chksum", "checksum\(word)", "content\(word)"] {
                algorithms[name] = algorithm
            }
        }
        return algorithms
    }()
}

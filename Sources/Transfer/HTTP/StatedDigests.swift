// SPDX-License-Identifier: Apache-2.0

import GranaryCore

extension TransferAnswer {
    /// What the headers state of a file's bytes: `Repr-Digest` and `Content-Digest` (RFC 9530), the older `Digest`
    /// (RFC 3230), `Content-MD5` (RFC 1864). What can't be read, or is of an algorithm that we don't know, states nothing.
    ///
    /// None unless the answer is the whole file as it is, because a part, or an encoded file, has digests of its own.
    var statedDigests: [Checksum] {
        guard status == 200, isPlain else { return [] }
        let digests =
            members("Repr-Digest").compactMap(structuredDigest) + members("Content-Digest").compactMap(structuredDigest)
            + members("Digest").compactMap(plainDigest)
            + members("Content-MD5").compactMap { base64Bytes($0).flatMap { Checksum(.md5, digest: $0) } }
        return digests.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private var isPlain: Bool { members("Content-Encoding").allSatisfy { $0.lowercased() == "identity" } }

    /// The members of a list, in one header or in several of the same name.
    private func members(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }
            .flatMap { $0.value.split(separator: ",") }
            .map { $0.filter { $0 != " " && $0 != "\t" } }
            .filter { !$0.isEmpty }
    }
}

/// `sha-256=:BASE64:`, perhaps with parameters behind it.
private func structuredDigest(_ member: String) -> Checksum? {
    let (name, value) = sides(member)
    let bytes = value.prefix { $0 != ";" }
    guard bytes.utf8.count > 2, bytes.hasPrefix(":"), bytes.hasSuffix(":") else { return nil }
    return checksum(name, bytes.dropFirst().dropLast())
}

/// `SHA-256=BASE64`.
private func plainDigest(_ member: String) -> Checksum? {
    let (name, value) = sides(member)
    return checksum(name, value)
}

private func sides(_ member: String) -> (name: Substring, value: Substring) {
    let name = member.prefix { $0 != "=" }
    return (name, member.dropFirst(name.count + 1))
}

/// SHA-1 is called `SHA` there.
private func checksum(_ name: Substring, _ value: Substring) -> Checksum? {
    let algorithm = name.lowercased() == "sha" ? Checksum.Algorithm.sha1 : Checksum.Algorithm(spelling: name)
    guard let algorithm, let digest = base64Bytes(value) else { return nil }
    return Checksum(algorithm, digest: digest)
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

@Suite struct ChecksumTests {
    @Test(
        "Digests agree with those that are published",
        arguments: [
            (.md5, "900150983cd24fb0d6963f7d28e17f72"), (.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ] as [(Checksum.Algorithm, String)])
    func published(algorithm: Checksum.Algorithm, hex: String) {
        #expect(Checksum(algorithm, of: Array("abc".utf8)).hex == hex)
    }

    @Test("A digest is equal in either case, and in its own text", arguments: Checksum.Algorithm.allCases)
    func canonical(algorithm: Checksum.Algorithm) throws {
        let checksum = Checksum(algorithm, of: [])
        #expect(Checksum(algorithm, hex: checksum.hex.uppercased()) == checksum)
        #expect(Checksum(checksum.description) == checksum)
        #expect(checksum.hex.utf8.count == algorithm.byteCount * 2)
    }

    @Test(
        "What is no digest is none",
        arguments: [
            "", "0", String(repeating: "0", count: 31), String(repeating: "g", count: 32),
            String(repeating: "٠", count: 32),
        ])
    func invalid(hex: String) { #expect(Checksum(.md5, hex: hex) == nil) }

    @Test(
        "Texts that are no checksum are refused",
        arguments: ["", "md5", "md5:", ":00", "MD5:900150983cd24fb0d6963f7d28e17f72"])
    func invalidText(text: String) { #expect(Checksum(text) == nil) }

    @Test(
        "Algorithms are read in every spelling",
        arguments: [("MD5", .md5), ("sha-256", .sha256), ("SHA_512", .sha512), ("Sha/1", .sha1), ("sha384", .sha384)]
            as [(String, Checksum.Algorithm)])
    func spellings(word: String, algorithm: Checksum.Algorithm) {
        #expect(Checksum.Algorithm(spelling: word) == algorithm)
    }

    @Test("In pieces or at once, a digest is the same", arguments: [1, 7, 64, 1000])
    func pieces(size: Int) {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        var running = RunningChecksum(.sha256)
        for start in stride(from: 0, to: bytes.count, by: size) {
            running.update(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        #expect(running.finish() == Checksum(.sha256, of: bytes))
    }
}

@Suite struct Base64Tests {
    @Test(
        "Known texts",
        arguments: [
            ("", ""), ("Zg==", "f"), ("Zg", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar"),
            ("+/+/", "\u{FB}\u{FF}\u{BF}"),
        ])
    func known(text: String, plain: String) {
        #expect(base64Bytes(text) == plain.unicodeScalars.map { UInt8($0.value) })
    }

    @Test("What is no base64", arguments: ["A", "=", "Zg===", "Z-==", "Zm9v YmFy", "Zm=v", "é"])
    func invalid(text: String) { #expect(base64Bytes(text) == nil) }
}

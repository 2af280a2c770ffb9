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

    @Test(
        "Cyclic checks agree with those that are published",
        arguments: [(.crc32, "cbf43926"), (.crc32c, "e3069283"), (.crc64nvme, "ae8b14860a799888")]
            as [(Checksum.Algorithm, String)])
    func cyclic(algorithm: Checksum.Algorithm, hex: String) {
        #expect(Checksum(algorithm, of: Array("123456789".utf8)).hex == hex)
        #expect(!algorithm.isDigest && Checksum.Algorithm(spelling: algorithm.rawValue) == nil)
    }

    @Test("Cyclic checks of zeros and ones agree with RFC 3720 and the NVMe base specification")
    func cyclicVectors() {
        #expect(Checksum(.crc32c, of: Array(repeating: 0, count: 32)).hex == "8a9136aa")
        #expect(Checksum(.crc32c, of: Array(repeating: 0xFF, count: 32)).hex == "62a8ab43")
        #expect(Checksum(.crc32c, of: Array(0..<32)).hex == "46dd794e")
        #expect(Checksum(.crc64nvme, of: Array(repeating: 0, count: 4096)).hex == "6482d367eb22b64e")
        #expect(Checksum(.crc64nvme, of: Array(repeating: 0xFF, count: 4096)).hex == "c0ddba7302eca3ac")
    }

    @Test("A digest is equal in either case, and in its own text", arguments: Checksum.Algorithm.allCases)
    func canonical(algorithm: Checksum.Algorithm) throws {
        let checksum = Checksum(algorithm, of: [])
        #expect(Checksum(algorithm, hex: checksum.hex.uppercased()) == checksum)
        #expect(Checksum(checksum.description) == checksum)
        #expect(checksum.hex.utf8.count == algorithm.byteCount * 2)
        #expect(Checksum(algorithm, digest: checksum.bytes) == checksum)
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
        arguments: [
            "", "md5", "md5:", ":00", "MD5:900150983cd24fb0d6963f7d28e17f72", ":md5:900150983cd24fb0d6963f7d28e17f72",
            "md5::900150983cd24fb0d6963f7d28e17f72", "md5:900150983cd24fb0d6963f7d28e17f72:",
        ])
    func invalidText(text: String) { #expect(Checksum(text) == nil) }

    @Test(
        "Algorithms are read in every spelling",
        arguments: [("MD5", .md5), ("sha-256", .sha256), ("SHA_512", .sha512), ("Sha/1", .sha1), ("sha384", .sha384)]
            as [(String, Checksum.Algorithm)])
    func spellings(word: String, algorithm: Checksum.Algorithm) {
        #expect(Checksum.Algorithm(spelling: word) == algorithm)
    }

    @Test(
        "In pieces or at once, a digest is the same", arguments: [1, 7, 64, 1000],
        [.sha256, .crc32, .crc32c, .crc64nvme] as [Checksum.Algorithm])
    func pieces(size: Int, algorithm: Checksum.Algorithm) {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        var running = RunningChecksum(algorithm)
        for start in stride(from: 0, to: bytes.count, by: size) {
            running.update(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        #expect(running.finish() == Checksum(algorithm, of: bytes))
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

    @Test("What is written is read again, with padding", arguments: 0...9)
    func written(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 91 &+ 200) }
        #expect(base64Bytes(base64(bytes)) == bytes)
        #expect(base64(bytes).utf8.count == (count + 2) / 3 * 4)
    }

    @Test("What is no base64", arguments: ["A", "=", "Zg===", "Z-==", "Zm9v YmFy", "Zm=v", "é"])
    func invalid(text: String) { #expect(base64Bytes(text) == nil) }
}

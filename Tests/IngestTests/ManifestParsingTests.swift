// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryIngest
import Testing

private let text = "the bytes"
private let sha = Checksum(.sha256, of: Array(text.utf8))
private let sum = Checksum(.md5, of: Array(text.utf8))

private func promises(_ path: BytePath, _ content: String, isSettled: Bool = true) throws -> [PromisedFile] {
    let name = try #require(ManifestName(path))
    return try ManifestParser.promises(of: name, content: Array(content.utf8), isSettled: isSettled)
}

private let sidecarSpellings: [String] = [
    sum.hex, sum.hex + "\n", sum.hex.uppercased(), sum.hex + "  g1.nc\n", sum.hex + " *g1.nc\n",
    sum.hex + "\tg1.nc\n", sum.hex + "  /data/out/g1.nc\n", "MD5 (g1.nc) = \(sum.hex)\n",
    "\u{FEFF}" + sum.hex + "\r\n", "# made by hand\n\n; really\n" + sum.hex + "  g1.nc\r\n", "  \(sum.hex)  \n",
    base64(sum.bytes) + "\n", base64(sum.bytes) + "  g1.nc\n", "MD5 (g1.nc) = \(base64(sum.bytes))",
]

@Suite struct ManifestParsingTests {
    @Test(
        "A sidecar is read in every spelling",
        arguments: sidecarSpellings)
    func sidecars(content: String) throws {
        #expect(try promises("in/g1.nc.md5", content) == [PromisedFile(path: "in/g1.nc", checksum: sum)])
    }

    @Test(
        "Names that say “I state checksums”",
        arguments: [
            ("a.nc.md5", .md5), ("a.nc.SHA256", .sha256), ("a.nc.sha512sum", .sha512), ("d/MD5SUMS", .md5),
            ("SHA256SUMS.txt", .sha256), ("checksums.txt", nil), ("manifest-sha384.txt", .sha384), ("CHECKSUM", nil),
            ("checksums-sha1", .sha1), ("delivery.md5", .md5),
        ] as [(BytePath, Checksum.Algorithm?)])
    func names(path: BytePath, algorithm: Checksum.Algorithm?) throws {
        #expect(try #require(ManifestName(path)).algorithm == algorithm)
    }

    @Test("Other names do not", arguments: ["a.nc", ".md5", "md5", "sums.txt", "a.md5.gz", "SHA256SUMS.txt.gz"])
    func otherNames(path: String) { #expect(ManifestName(BytePath(path)) == nil) }

    @Test("A list names files relative to its own folder")
    func lists() throws {
        let content = "\(sum.hex)  a.nc\n\(sum.hex) *sub/b.nc\nMD5 (./c.nc) = \(sum.hex)\n\\\(sum.hex)  d\\nd\\\\.nc\n"
        let expected: [BytePath] = ["in/a.nc", "in/sub/b.nc", "in/c.nc", "in/d\nd\\.nc"]
        #expect(try promises("in/MD5SUMS", content).map(\.path) == expected)
        #expect(try promises("checksums.txt", "\(sha.hex)  a.nc\n") == [PromisedFile(path: "a.nc", checksum: sha)])
    }

    @Test(
        "What can't be believed is refused whole",
        arguments: [
            "", "\n\n# nothing\n", "hello", "\(sum.hex)  ok.nc\nrubbish\n", "\(sum.hex)  ../up.nc\n",
            "\(sum.hex)  a/../../up.nc\n", "\(sum.hex)  /etc/passwd\n", "\(sum.hex)\n", "\(sha.hex)  a.nc\n",
            "\(sum.hex)  a.nc\n\(String(repeating: "0", count: 32))  a.nc\n", "SHA256 (a.nc) = \(sha.hex)\n",
            "\(sum.hex)  \n",
        ])
    func refused(content: String) { #expect(throws: GranaryError.self) { try promises("MD5SUMS", content) } }

    @Test("Half a hexadecimal digest is not base64 of something else", arguments: [22, 24, 43, 44, 64, 86, 88])
    func halfDigest(length: Int) {
        let long = Checksum(.sha512, of: Array(text.utf8)).hex
        for suffix in ["md5", "sha256", "sha384", "sha512"] {
            #expect(throws: GranaryError.self) {
                try promises(
                    BytePath("g1.nc.\(suffix)"), String(long.prefix(suffix == "sha256" && length == 64 ? 63 : length)))
            }
        }
    }

    @Test("The same line twice is one promise")
    func twice() throws {
        #expect(try promises("MD5SUMS", "\(sum.hex)  a.nc\n\(sum.hex) *a.nc\n").count == 1)
    }

    @Test("A name that may be half of one is not believed before the manifest has settled")
    func openEnd() throws {
        #expect(throws: GranaryError.self) { try promises("MD5SUMS", "\(sum.hex)  a.nc", isSettled: false) }
        #expect(try promises("MD5SUMS", "\(sum.hex)  a.nc", isSettled: true).count == 1)
        #expect(try promises("MD5SUMS", "\(sum.hex)  a.nc\n", isSettled: false).count == 1)
        #expect(try promises("a.nc.md5", sum.hex, isSettled: false).count == 1)
    }

    @Test("No prefix of a manifest crashes, or promises what the whole does not", arguments: samples.indices)
    func prefixes(sample: Int) throws {
        let (path, content) = samples[sample]
        let name = try #require(ManifestName(path))
        let whole = Set(try ManifestParser.promises(of: name, content: content, isSettled: false))
        let digests = Set(whole.map(\.checksum))
        for length in content.indices {
            let prefix = Array(content[..<length])
            if let part = try? ManifestParser.promises(of: name, content: prefix, isSettled: false) {
                #expect(whole.isSuperset(of: part), "\(path) cut at \(length)")
            }
            if let part = try? ManifestParser.promises(of: name, content: prefix, isSettled: true) {
                #expect(digests.isSuperset(of: part.map(\.checksum)), "\(path) settled at \(length)")
            }
        }
    }
}

/// Twenty manifests: every algorithm as a sidecar in hexadecimal and base64, and as a list in the three spellings.
private let samples: [(BytePath, [UInt8])] = Checksum.Algorithm.digests.flatMap { algorithm in
    let word = algorithm.rawValue.lowercased()
    let digests = ["a", "b"].map { Checksum(algorithm, of: Array($0.utf8)) }
    let lists = [
        digests.map { "\($0.hex)  g\($0.hex.prefix(3)).nc\n" }.joined(),
        digests.map { "\(algorithm.rawValue) (g\($0.hex.prefix(3)).nc) = \($0.hex)\r\n" }.joined(),
    ]
    return [
        (BytePath("g1.nc.\(word)"), Array(digests[0].hex.utf8)),
        (BytePath("g1.nc.\(word)"), Array((base64(digests[0].bytes) + "\n").utf8)),
    ] + lists.map { (BytePath("\(word)sums"), Array($0.utf8)) }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

@Suite struct BytePathTests {
    @Test("Names that look alike are different paths")
    func twins() {
        #expect(Set<BytePath>(["caf\u{E9}", "cafe\u{301}", "CAF\u{E9}"]).count == 3)
        #expect("caf\u{E9}" == "cafe\u{301}", "as text they are equal")
    }

    @Test(
        "A path comes apart and together",
        arguments: [("a", "", "a"), ("a/b", "a", "b"), ("a/b/c", "a/b", "c"), ("/x", "", "x")])
    func parts(path: BytePath, directory: BytePath, name: BytePath) {
        #expect(path.directory == directory)
        #expect(path.name == name)
        if path != "/x" { #expect(directory.appending(name) == path) }
    }

    @Test(
        "What can leave its root, or names nothing, is unsafe",
        arguments: ["", "/", "/a", "a/", "a//b", ".", "..", "a/..", "a/../b", "./a", "a\0b"])
    func unsafe(path: String) { #expect(BytePath(path).isUnsafe) }

    @Test("Odd names are safe", arguments: ["a", "...", "..a", "-rf", "a b", "%2e%2e", "a\\..\\b", "\n", "~", "*"])
    func safe(path: String) { #expect(!BytePath(path).isUnsafe) }

    @Test(
        "For people, what could drive a terminal is spelled out",
        arguments: [
            ("plain é", "plain é"), ("a\u{1B}[31m", #"a\x1b[31m"#), ("a\nb", #"a\x0ab"#), ("a\\x", #"a\\x"#),
            ("\u{202E}fdp", #"\xe2\x80\xaefdp"#), ("\u{7F}", #"\x7f"#), ("a\u{2028}b", #"a\xe2\x80\xa8b"#),
        ])
    func description(path: String, shown: String) { #expect(BytePath(path).description == shown) }

    @Test("Bytes that are no text are spelled out, and no text")
    func noText() {
        let path = BytePath([0x61, 0xFF, 0x5C])
        #expect(path.text == nil)
        #expect(path.description == #"a\xff\\"#)
    }

    @Test("Two paths are never shown alike, whatever their bytes", arguments: 0..<20)
    func distinct(seed: UInt64) {
        var shown: [String: BytePath] = [:]
        var chance = SystemRandomNumberGenerator()
        let alphabet = Array("\\x0aé\n".utf8) + [0xFF]
        for _ in 0..<500 {
            let path = BytePath((0..<4).map { _ in alphabet.randomElement(using: &chance) ?? 0 })
            if let other = shown.updateValue(path, forKey: path.description) { #expect(other == path) }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import GranaryCore
import Testing

@Suite struct PatternTests {
    @Test("named groups are found, written as in Python or as elsewhere")
    func namedGroups() throws {
        let pattern = try Pattern(#"(?P<name>[A-Z_]+)_(?<day>\d{8})(?P<part>_p\d)?\.nc"#)
        let match = try #require(try pattern.match("in/SEA_LEVEL_20260301.nc"))
        #expect(pattern.groupNames == ["day", "name", "part"])
        #expect(match["name"] == "SEA_LEVEL")
        #expect(match["day"] == "20260301")
        #expect(match.bytes("day") == Array("20260301".utf8))
        #expect(match["part"] == nil)
        #expect(match["nobody"] == nil)
        #expect(match[1] == "SEA_LEVEL")
        #expect(match[99] == nil)
        #expect(match.range == 3..<24)
        #expect(match.text == "SEA_LEVEL_20260301.nc")
    }

    @Test("a full pattern has to match from the first byte to the last")
    func full() throws {
        let full = try Pattern("a|ab", isFull: true)
        #expect(try full.match("ab") != nil)
        #expect(try full.match("abc") == nil)
        #expect(try full.match("ab\n") == nil)
        #expect(try full.match("xa") == nil)
        #expect(try Pattern("a").match("xay") != nil)
        #expect(try Pattern("", isFull: true).match("") != nil)
    }

    @Test("bytes that are not UTF-8 never match", arguments: [[0xFF], [0x61, 0xC3], [0xED, 0xA0, 0x80]] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) throws {
        #expect(try Pattern(".*").match(bytes) == nil)
        #expect(try Pattern("^").match(bytes) == nil)
    }

    @Test("characters beyond ASCII count as one, and classes mean ASCII")
    func unicode() throws {
        #expect(try Pattern("^.$").match("é") != nil)
        #expect(try Pattern(#"^\d$"#).match("٣") == nil)
        #expect(try Pattern(#"^\w$"#).match("é") == nil)
    }

    @Test("a pattern that backtracks without end is stopped with an error, not taken for a mismatch")
    func matchLimit() throws {
        let pattern = try Pattern("^(a+)+$")
        let error = #expect(throws: GranaryError.self) { try pattern.match(String(repeating: "a", count: 60) + "!") }
        #expect(error?.code == .limitReached)
        #expect(try pattern.match("aaaa") != nil)
    }

    static let broken = [("a(b", 3), ("a[", 2), ("(?P<x>a)(?P<x>b)", 14), ("*a", 0), (#"\C"#, 2)]

    @Test("a pattern that does not compile is refused with the offset", arguments: broken)
    func compileErrors(source: String, offset: Int) throws {
        let error = #expect(throws: GranaryError.self) { try Pattern(source) }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("at byte \(offset)") == true, "\(error?.message ?? "")")
    }

    @Test("a pattern has at most 4 KiB")
    func longPatterns() throws {
        #expect(throws: Never.self) { try Pattern(String(repeating: "a", count: 4096)) }
        #expect(throws: GranaryError.self) { try Pattern(String(repeating: "a", count: 4097)) }
    }

    @Test("one pattern serves many tasks at once")
    func concurrency() async throws {
        let pattern = try Pattern(#"(?P<number>\d+)"#)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for task in 0..<50 {
                group.addTask {
                    try (task * 100..<task * 100 + 100).allSatisfy {
                        try pattern.match("file\($0)")?["number"] == "\($0)"
                    }
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test(
        "the JavaScript dialect refuses what JavaScript does not have",
        arguments: [#"\a"#, #"\Z"#, "(?P<n>a)", "(?i)a", "(?#c)", "(*UCP)", #"\u12"#, #"\p"#, #"a\"#])
    func ecmaRefusals(source: String) throws {
        #expect(throws: GranaryError.self) { try Pattern(source, dialect: .ecma) }
    }

    @Test("the JavaScript dialect means what JavaScript means")
    func ecma() throws {
        func matches(_ pattern: String, _ text: String) throws -> Bool {
            try Pattern(pattern, dialect: .ecma).match(text) != nil
        }
        #expect(try matches("^a$", "a\n") == false)
        #expect(try matches("^.$", "\u{2028}") == false)
        #expect(try matches(#"^\v$"#, "\u{B}"))
        #expect(try matches(#"^\v$"#, "\n") == false)
        #expect(try matches(#"^[\s]$"#, "\u{FEFF}"))
        #expect(try matches(#"^\ud83d\ude00\x41\u{e9}$"#, "\u{1F600}A\u{E9}"))
        #expect(try matches(#"^[[]$"#, "["))
        #expect(try matches(#"^\/\-$"#, "/-"))
        #expect(try matches(#"^\p{Script=Greek}\P{Lu}$"#, "αb"))
    }
}

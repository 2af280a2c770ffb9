// SPDX-License-Identifier: Apache-2.0
import GranaryCore
import Testing

@Suite struct JSONParserTests {
    @Test("every kind of value is read as it was written")
    func values() throws {
        let text = #" { "a" : [ null , true , false , -12 , 1.5e2 , "x" ] , "b" : { } } "#
        let expected: JSONValue = ["a": [nil, true, false, -12, 150.0, "x"], "b": [:]]
        #expect(try JSONValue(parsing: text) == expected)
        #expect(try JSONValue(parsing: text).object?.keys == ["a", "b"])
    }

    @Test("whole numbers keep their digits as far as Int64 goes and are doubles beyond")
    func numbers() throws {
        let list = try JSONValue(
            parsing: "[9223372036854775807,-9223372036854775808,9223372036854775808,1.0,-0,1e3,0.1]")
        guard case .integer(.max)? = list[0], case .integer(.min)? = list[1], case .number(let beyond)? = list[2] else {
            Issue.record("read as \(list)")
            return
        }
        #expect(beyond == 9_223_372_036_854_775_808)
        #expect(list[3]?.integer == 1)
        #expect(list[4]?.integer == 0)
        #expect(list[5]?.integer == 1000)
        #expect(list[6]?.integer == nil)
    }

    @Test("escapes are undone, surrogate pairs joined")
    func escapes() throws {
        let value = try JSONValue(parsing: #""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\u0000é""#)
        #expect(
            value.string.map { Array($0.unicodeScalars.map(\.value)) }
                == [0x22, 0x5C, 0x2F, 8, 12, 10, 13, 9, 0xE9, 0x1F600, 0, 0xE9])
    }

    static let refused: [(text: String, offset: Int, reason: String)] = [
        ("", 0, "ends where a value"), ("  ", 2, "ends where a value"), ("[1,]", 3, "cannot start"),
        ("{\"a\":1,}", 7, "key should stand"), ("[1 2]", 3, "comma"), ("{\"a\" 1}", 5, "colon"), ("{a:1}", 1, "key"),
        ("[1", 2, "comma"), ("\"abc", 4, "ends inside"), ("nul", 0, "cannot start"), ("True", 0, "cannot start"),
        ("NaN", 0, "cannot start"), ("Infinity", 0, "cannot start"), ("-Infinity", 1, "digit"), ("01", 0, "zero"),
        ("-", 1, "digit"), ("1.", 2, "digit"), (".5", 0, "cannot start"), ("1e", 2, "digit"), ("+1", 0, "cannot start"),
        ("1e999", 0, "beyond"), ("1 2", 2, "more after"), ("{} x", 3, "more after"), ("\"a\nb\"", 2, "control"),
        (#""\x""#, 1, "escape"), (#""\u12g4""#, 1, "hexadecimal"), (#""\ud800""#, 1, "surrogate"),
        (#""\ud800\u0041""#, 1, "surrogate"), (#""\udc00""#, 1, "surrogate"), (#"{"a":1,"a":2}"#, 7, "twice"),
        (#"{"a":1,"\u0061":2}"#, 7, "twice"), ("\"\\", 1, "escape"), ("'a'", 0, "cannot start"), ("[1]//", 3, "more"),
    ]

    @Test("what is no JSON is refused with its place and reason", arguments: refused)
    func refusals(text: String, offset: Int, reason: String) throws {
        let error = #expect(throws: GranaryError.self) { try JSONValue(parsing: text) }
        #expect(error?.code == .invalid)
        #expect(error?.disposition == .quarantine)
        #expect(error?.message.contains("at byte \(offset):") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test(
        "invalid UTF-8 is refused, in strings and around them",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC3, 0x22],
            [0xC3, 0xA9],
            [0x22, 0x5C, 0x6E, 0xFF, 0x22], [0xFF, 0xFE, 0x31, 0x00],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) throws {
        #expect(throws: GranaryError.self) { try JSONValue(parsing: bytes) }
    }

    @Test("keys that differ only in normalization are two keys")
    func normalization() throws {
        let value = try JSONValue(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
    }

    @Test("a byte order mark is refused by name, or skipped when allowed")
    func byteOrderMark() throws {
        let bytes = [0xEF, 0xBB, 0xBF] + Array("[1]".utf8)
        let error = #expect(throws: GranaryError.self) { try JSONValue(parsing: bytes) }
        #expect(error?.message.contains("byte order mark") == true)
        #expect(try JSONValue(parsing: bytes, limits: JSONLimits(allowsByteOrderMark: true)) == [1])
    }

    @Test("nesting and size are bounded, and the bounds themselves are met")
    func limits() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(64)) }
        #expect(throws: Never.self) {
            try JSONValue(parsing: nested(JSONLimits.deepest), limits: JSONLimits(depth: .max))
        }
        let deep = #expect(throws: GranaryError.self) { try JSONValue(parsing: nested(65)) }
        #expect(deep?.code == .limitReached)
        #expect(throws: GranaryError.self) { try JSONValue(parsing: nested(100_000), limits: JSONLimits(depth: .max)) }
        #expect(throws: Never.self) { try JSONValue(parsing: "[1]", limits: JSONLimits(bytes: 3)) }
        let large = #expect(throws: GranaryError.self) { try JSONValue(parsing: "[12]", limits: JSONLimits(bytes: 3)) }
        #expect(large?.code == .limitReached)
    }

    @Test("no cut of a document crashes, and only the whole one is read")
    func cuts() throws {
        let document = Array(#"{"a":[1.5e-3,"\u00e9é\ud83d\ude00",{"b":null}],"c":true}"#.utf8)
        for length in 0..<document.count {
            #expect(throws: GranaryError.self, "the first \(length) bytes") {
                try JSONValue(parsing: document.prefix(length))
            }
        }
        #expect(throws: Never.self) { try JSONValue(parsing: document) }
    }

    @Test("no changed byte crashes", arguments: [UInt64(20_261_121), 7])
    func changedBytes(seed: UInt64) throws {
        print("seed \(seed)")
        let document = Array(#"{"a":[1.5e-3,"\u00e9é\ud83d\ude00",{"b":null}],"c":true}"#.utf8)
        var state = seed
        for _ in 0..<2000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var changed = document
            changed[Int(state >> 33) % document.count] = UInt8(truncatingIfNeeded: state >> 24)
            guard let value = try? JSONValue(parsing: changed) else { continue }
            #expect(try JSONValue(parsing: value.text) == value)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import GranaryCore
import Testing

@Suite struct JSONValueTests {
    @Test("compact text keeps the order of members and escapes what must be escaped")
    func compact() {
        let value: JSONValue = ["z": 1, "a": [nil, true, 1.5, "q\"\\\n\u{1}\u{1F}\u{2028}/é"], "e": [:], "l": []]
        #expect(value.text == #"{"z":1,"a":[null,true,1.5,"q\"\\\n\u0001\u001f"# + "\u{2028}" + #"/é"],"e":{},"l":[]}"#)
    }

    @Test("pretty text puts each member on its own line and reads back the same")
    func pretty() throws {
        let value: JSONValue = ["a": [1, ["b": nil]], "c": [:]]
        #expect(
            value.text(pretty: true) == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": {}
                }
                """)
        #expect(try JSONValue(parsing: value.text(pretty: true)) == value)
    }

    @Test(
        "doubles are written so that they read back the same, and impossible ones as null",
        arguments: [0.1, -0.0, 1e300, .leastNonzeroMagnitude, 1.0, 9_007_199_254_740_992, .greatestFiniteMagnitude])
    func doubles(value: Double) throws {
        #expect(try JSONValue(parsing: JSONValue.number(value).text).number == value)
        #expect(JSONValue.number(.nan).text == "null")
        #expect(JSONValue.number(.infinity).text == "null")
    }

    @Test("equality is JSON's: numbers by value, members in any order, text by its bytes")
    func equality() {
        #expect(JSONValue.integer(1) == .number(1))
        #expect(JSONValue.integer(.max) != .number(9_223_372_036_854_775_808))
        #expect(JSONValue.boolean(true) != .integer(1))
        #expect((["a": 1, "b": 2] as JSONValue) == ["b": 2.0, "a": 1])
        #expect((["a": 1] as JSONValue) != ["a": 1, "b": 2])
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
        #expect(Set<JSONValue>([1, 1.0, ["a": 1, "b": [1]], ["b": [1.0], "a": 1], "1"]).count == 3)
    }

    @Test("members are found, replaced, added and removed, in small objects and in large ones", arguments: [3, 100])
    func members(count: Int) {
        var object = JSONObject()
        for index in 0..<count { object["k\(index)"] = .integer(Int64(index)) }
        object["k1"] = "changed"
        object["k0"] = nil
        object["none"] = nil
        #expect(object.count == count - 1)
        #expect(object.keys.first == "k1")
        #expect(object["k1"] == "changed")
        #expect(object["k0"] == nil)
        #expect(object["k\(count - 1)"]?.integer == Int64(count - 1))
    }

    @Test("a message is built by assigning; absent values leave no member")
    func building() {
        var message: JSONValue = ["version": "1.6.1"]
        message["provider"] = nil
        message["product"] = .null
        message["product"]?["name"] = "G1"
        #expect(message.text == #"{"version":"1.6.1","product":{"name":"G1"}}"#)
        var text: JSONValue = "no object"
        text["a"] = 1
        #expect(text == "no object")
    }

    @Test("accessors give nil for any other kind")
    func accessors() {
        let value: JSONValue = ["s": "x", "n": 2.5, "b": false, "l": [1], "z": nil]
        #expect(value["s"]?.string == "x")
        #expect(value["s"]?.integer == nil)
        #expect(value["n"]?.number == 2.5)
        #expect(value["n"]?.integer == nil)
        #expect(value["b"]?.boolean == false)
        #expect(value["l"]?[0] == 1)
        #expect(value["l"]?[1] == nil)
        #expect(value["l"]?[-1] == nil)
        #expect(value["z"]?.isNull == true)
        #expect(value["s"]?["x"] == nil)
    }

    @Test("a pointer leads to a value, with its escapes undone")
    func pointers() {
        let value: JSONValue = ["a/b": ["~": [10, 20]], "": 1]
        #expect(value[pointer: "/a~1b/~0/1"] == 20)
        #expect(value[pointer: ""] == value)
        #expect(value[pointer: "/"] == 1)
        for wrong in ["/a~1b/~0/2", "/a~1b/~0/01", "/a~1b/~0/+1", "/a~1b/~0/-0", "/a~2b", "a", "/a~1b/~0/1/0"] {
            #expect(value[pointer: wrong] == nil, "\(wrong)")
        }
    }
}

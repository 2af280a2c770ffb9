// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

@Suite struct FilterParsingTests {
    private func json(_ text: String) throws -> String { try Filter(parsing: text).json }

    @Test(
        "Operators bind as the grammar says",
        arguments: [
            ("a=1 OR b=2 AND c=3", "(a=1) OR ((b=2) AND (c=3))"),
            ("NOT a=1 AND b=2", "(NOT (a=1)) AND (b=2)"),
            ("a = 1 + 2 * 3", "a = 1 + (2 * 3)"),
            ("a = 1 - 2 - 3", "a = (1 - 2) - 3"),
            ("a = 2 * 3 ^ 2", "a = 2 * (3 ^ 2)"),
            ("a = b div 2 % 3", "a = (b DIV 2) % 3"),
            ("a = -b ^ 2", "a = (-b) ^ 2"),
            ("a-1>-1", "(a - 1) > -1"),
            ("a NOT IN (1,2)", "NOT (a IN (1,2))"),
            ("(((a)) + 1) * 2 > 3", "(a + 1) * 2 > 3"),
        ])
    func precedence(text: String, same: String) throws {
        #expect(try json(text) == json(same))
    }

    @Test("Members and numbers are written in one canonical way")
    func canonical() throws {
        #expect(
            try json("size >= 4 AND name = 'a\"b\\c\u{7}'")
                == #"{"op":"and","args":[{"op":">=","args":[{"property":"size"},4]},"#
                + #"{"op":"=","args":[{"property":"name"},"a\"b\\c\u0007"]}]}"#)
        #expect(try json("a = 1.50") == #"{"op":"=","args":[{"property":"a"},1.5]}"#)
        #expect(try json("a = .5e1") == #"{"op":"=","args":[{"property":"a"},5.0]}"#)
        #expect(try json("a = 9223372036854775807") == #"{"op":"=","args":[{"property":"a"},9223372036854775807]}"#)
    }

    @Test("A quote within a text is written '' or \\'", arguments: ["a = 'it''s'", #"a = 'it\'s'"#])
    func quotes(text: String) throws {
        #expect(try json(text) == #"{"op":"=","args":[{"property":"a"},"it's"]}"#)
    }

    @Test("Words of the language are properties where nothing else is possible, and always in quotes")
    func names() throws {
        #expect(try json("date = 1") == #"{"op":"=","args":[{"property":"date"},1]}"#)
        #expect(try json("point.x = 1") == #"{"op":"=","args":[{"property":"point.x"},1]}"#)
        #expect(try json("\"and\" = 1") == #"{"op":"=","args":[{"property":"and"},1]}"#)
        #expect(try json("\"look-angle °\" = 1") == #"{"op":"=","args":[{"property":"look-angle °"},1]}"#)
    }

    @Test("An array of one is an array in an array relation")
    func singletons() throws {
        #expect(try json("A_CONTAINS(a, ('x'))") == #"{"op":"a_contains","args":[{"property":"a"},["x"]]}"#)
        #expect(try json("A_EQUALS((), a)") == #"{"op":"a_equals","args":[[],{"property":"a"}]}"#)
    }

    @Test(
        "A fault is reported where it is, with what was found and what was expected",
        arguments: [
            ("size >", "line 1, column 7: expected a value or a condition, found the end of the filter"),
            ("size = 1 name = 'x'", "line 1, column 10: expected AND, OR or the end of the filter, found “name”"),
            ("size = 1 AND\n  (name LIKE 5)", "line 2, column 14: expected a pattern in quotes, found the number 5"),
            ("name = 'abc", "line 1, column 8: the text that begins here has no closing quote"),
            ("flag", "line 1, column 1: expected a condition, found only the property “flag”"),
            ("'a' + 1 = 2", "line 1, column 1: expected a number, found the text 'a'"),
            ("a = 1 = 2", "line 1, column 7: expected AND, OR or the end of the filter, found “=”"),
            ("a IN ()", "line 1, column 7: expected a value or a condition, found “)”"),
            ("a IN (1; 2)", "line 1, column 8: “;” has no meaning here"),
            (
                "a > DATE('2023-02-29')",
                "line 1, column 10: expected a date as '2024-05-01', found the text '2023-02-29'"
            ),
            ("a > TIMESTAMP('2023-02-28T24:00:00Z')", "line 1, column 15: expected a time as"),
            (
                "T_DURING(a, INTERVAL('2024-01-02','2024-01-01'))",
                "line 1, column 21: the interval ends before it begins"
            ),
            ("S_INTERSECTS(a, LINESTRING(1 2))", "column 27: a line has at least 2 positions, this one has 1"),
            ("S_INTERSECTS(a, BBOX(1,2,3))", "column 21: BBOX has four or six numbers, this one has 3"),
            ("S_INTERSECTS(a, POINT Z(1 2))", "column 25: expected three coordinates after Z, found 2"),
            ("S_INTERSECTS(a)", "column 15: expected “,”, found “)”"),
            ("NOT NOT a = 1", "column 5: expected a value or a condition (a property of that name is written \"NOT\")"),
            ("a IS 5", "column 6: expected NULL or NOT NULL, found the number 5"),
            ("a BETWEEN 1 OR 2", "column 13: expected AND and the upper end of BETWEEN, found “OR”"),
            ("a = 1e999", "column 5: the number is too large for a double"),
            ("a = 'x\u{1}'", "column 7: a text cannot contain the control character 1"),
            ("", "line 1, column 1: expected a value or a condition, found the end of the filter"),
        ])
    func faults(text: String, message: String) throws {
        let error = try #require(throws: GranaryError.self) { try Filter(parsing: text) }
        #expect(error.code == .filterInvalid)
        #expect(error.message.contains(message), "\(error.message)")
    }

    @Test("Depth, length and arithmetic are bounded, and what is just within the bounds still works")
    func limits() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "a = 1" + String(repeating: ")", count: depth)
        }
        #expect(throws: Never.self) { try Filter(parsing: nested(64)) }
        #expect(throws: GranaryError.self) { try Filter(parsing: nested(65)) }
        #expect(throws: GranaryError.self) { try Filter(parsing: nested(30_000)) }
        let sum = "a = 1" + String(repeating: " + 1", count: 256)
        #expect(throws: Never.self) { try Filter(parsing: sum) }
        #expect(throws: GranaryError.self) { try Filter(parsing: sum + " + 1") }
        let long = "a = '" + String(repeating: "x", count: Filter.textLimit - 6) + "'"
        #expect(throws: Never.self) { try Filter(parsing: long) }
        #expect(throws: GranaryError.self) { try Filter(parsing: long + " ") }
    }
}

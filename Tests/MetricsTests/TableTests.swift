// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryMetrics
import Testing

@Suite struct TableTests {
    private let table = Table(
        [.number("id"), .text("name"), .number("size"), .time("at"), .number("took"), .number("share")],
        rows: [
            [
                .integer(7), .text("a,\"b\""), .bytes(1_234_567), .time(Timestamp(seconds: 0)),
                .duration(.milliseconds(1500)), Share(999_999, of: 1_000_000).map { .share($0) } ?? .none,
            ],
            [.none, .none, .none, .none, .none, .none],
        ])

    @Test("CSV is exact, quoted where RFC 4180 asks for it, and nothing but a header and rows")
    func csv() {
        #expect(
            table.rendered(as: .csv).utf8.elementsEqual(
                """
                id,name,size,at,took,share\r
                7,"a,""b""\",1234567,1970-01-01T00:00:00.000000Z,1.500000,99.99\r
                ,,,,,\r

                """.utf8))
    }

    @Test("JSON lines keep the order of the columns and give numbers as numbers")
    func jsonLines() {
        #expect(
            table.rendered(as: .jsonl) == """
                {"id":7,"name":"a,\\"b\\"","size":1234567,"at":"1970-01-01T00:00:00.000000Z","took":1.5,"share":99.99}
                {"id":null,"name":null,"size":null,"at":null,"took":null,"share":null}

                """)
    }

    @Test("JSON is one array that reads back as the same records")
    func json() throws {
        let read = try JSONValue(parsing: table.rendered(as: .json))
        #expect(read == .array(table.records))
        #expect(Table([.text("a")]).rendered(as: .json) == "[]\n")
    }

    @Test("text for people is aligned, with numbers to the right and exact bytes behind readable ones")
    func aligned() throws {
        #expect(
            try table.selecting(["name", "size", "took", "share"]).rendered(as: .table) == """
                name                size     took    share
                -----  -----------------  -------  -------
                a,"b"  1.1 MiB (1234567)  1.500 s  99.99 %
                -                      -        -        -

                """)
    }

    @Test("names of wide characters take two columns each")
    func wide() {
        let table = Table([.text("n"), .text("m")], rows: [[.text("日本"), .text("x")], [.text("abcd"), .text("y")]])
        #expect(table.rendered(as: .table) == "n     m\n----  -\n日本  x\nabcd  y\n")
    }

    @Test("a field that is not there is refused, naming those that are")
    func unknownField() throws {
        #expect(throws: GranaryError.self) { try table.selecting(["id", "nope"]) }
        #expect(try table.selecting(["size", "id"]).columns.map(\.name) == ["size", "id"])
    }

    @Test(
        "a text that a spreadsheet would run as a formula is disarmed",
        arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
    func formula(_ text: String) {
        for cell in [Cell.text(text), .path(BytePath(text))] {
            let line = Table([.text("a")], rows: [[cell]]).rendered(as: .csv).utf8.dropFirst(3)
            #expect(line.first == UInt8(ascii: "'") || line.starts(with: "\"'".utf8), "\(Array(line))")
        }
    }

    @Test("numbers below zero are numbers, not formulas")
    func negative() {
        let table = Table([.number("a"), .number("b")], rows: [[.integer(-5), .duration(.microseconds(-1))]])
        #expect(table.rendered(as: .csv).utf8.elementsEqual("a,b\r\n-5,-0.000001\r\n".utf8))
        #expect(table.rendered(as: .jsonl) == "{\"a\":-5,\"b\":-1e-06}\n")
    }

    @Test(
        "a hostile name can drive no terminal, and comes back unharmed from CSV and JSON",
        arguments: ["\u{1B}[2Jx", "a\r\nb", "\u{9B}31m", "e\u{301}\u{202E}gpj", "a\u{7}b", "\"; rm -rf /,\n"])
    func hostile(_ name: String) throws {
        let table = Table([.text("a"), .text("b")], rows: [[.text(name), .path(BytePath(name))]])
        let text = table.rendered(as: .table)
        #expect(text.unicodeScalars.count { $0.properties.generalCategory == .control } == 3, "three line ends only")
        #expect(!text.unicodeScalars.contains("\u{202E}"))
        let record = try JSONValue(parsing: table.rendered(as: .jsonl))
        #expect(record["a"]?.string.map { Array($0.utf8) } == Array(name.utf8))
        let quoted = name.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined()
        #expect(table.rendered(as: .csv).utf8.count >= 2 * quoted.utf8.count)
        #expect(BytePath(table.rendered(as: .csv)).description.contains(BytePath(quoted).description))
    }

    @Test("a name that is not UTF-8 is escaped rather than mangled")
    func notText() {
        let table = Table([.text("a")], rows: [[.path(BytePath([0x61, 0xFF]))]])
        #expect(table.rendered(as: .jsonl) == "{\"a\":\"a\\\\xff\"}\n")
    }

    @Test(
        "volumes and durations read well at every size",
        arguments: [
            (Cell.bytes(0), "0 B"), (.bytes(1023), "1023 B"), (.bytes(1024), "1.0 KiB (1024)"),
            (.bytes(1_048_575), "1023.9 KiB (1048575)"), (.bytes(.max), "7.9 EiB (9223372036854775807)"),
            (.duration(.zero), "0.000 ms"), (.duration(.microseconds(999_999)), "999.999 ms"),
            (.duration(.seconds(59)), "59.000 s"), (.duration(.seconds(-61)), "-0:01:01"),
            (.duration(.seconds(90_061)), "25:01:01"),
        ])
    func quantities(_ cell: Cell, _ text: String) {
        let lines = Table([.text("a")], rows: [[cell]]).rendered(as: .table).split(separator: "\n")
        #expect(lines.last.map(String.init) == text)
    }

    @Test("only the whole is 100 %, and nothing is no share")
    func shares() {
        #expect(Share(0, of: 0) == nil)
        #expect(Share(3, of: 2) == nil)
        #expect(Share(.max - 1, of: .max)?.hundredths == 9999)
        #expect(Share(.max, of: .max)?.hundredths == 10_000)
    }
}

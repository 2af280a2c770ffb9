// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

@Suite struct FilterCheckTests {
    private let schema = FilterSchema([
        "name": .string("g.name"), "size": .integer("g.size"), "rank": .integer("g.rank"),
        "cloud_cover": .number("g.cloud"),
        "good": .boolean("g.good"), "at": .timestamp("g.at"), "span": .interval(start: "g.a", end: "g.b"),
        "box": .box(west: "g.w", south: "g.s", east: "g.e", north: "g.n"), "event": .inMemory(.string),
    ])

    @Test(
        "What cannot be carried out is refused with a sentence and a remedy",
        arguments: [
            ("cloud_covr < 1", "There is no property “cloud_covr”", "Did you mean “cloud_cover”?"),
            ("zzzzzzzz = 1", "There is no property “zzzzzzzz”", "Known properties are at, box, cloud_cover"),
            (
                "name > 5", "The property “name” is a text and cannot be compared with the number 5, an integer",
                "a text"
            ),
            (
                "at > '2024-05-01'", "The property “at” is a time and cannot be compared with the text",
                "DATE('2024-05-01')"
            ),
            ("good > FALSE", "True and false have no order", "= or <>"),
            ("size IN (1, 'x')", "is an integer and cannot be compared with the text 'x'", "an integer"),
            ("size BETWEEN 1 AND 'x'", "cannot be compared with the text 'x'", "an integer"),
            ("size LIKE 'x%'", "The property “size” is an integer, but LIKE takes a text", "a text"),
            ("CASEI(size) = 'x'", "The property “size” is an integer, but CASEI takes a text", "a text"),
            ("cloud_cover % 2 = 0", "is a number, but the operator % takes an integer", "an integer"),
            ("name + 1 = 2", "is a text, but the operator + takes a number or an integer", "property"),
            ("span = at", "The property “span” is an interval of time, and = is not defined", "T_INTERSECTS"),
            ("box = 1", "The property “box” is a bounding box", "S_INTERSECTS"),
            ("T_AFTER(name, at)", "is a text, but T_AFTER takes a time or an interval of time", "property"),
            ("T_AFTER(at, INTERVAL(span,'..'))", "is an interval of time, but INTERVAL takes a time", "property"),
            ("S_INTERSECTS(name, POINT(1 2))", "is a text, but S_INTERSECTS takes a bounding box", "property"),
            (
                "S_CROSSES(box, POINT(1 2))", "S_CROSSES; supported spatial functions are S_INTERSECTS and S_DISJOINT",
                "Say"
            ),
            ("S_NEAR(box, POINT(1 2))", "S_NEAR; supported spatial functions are S_INTERSECTS and S_DISJOINT", "Say"),
            ("T_NEAR(at, at)", "T_NEAR; supported temporal functions are T_AFTER, T_BEFORE", "Say"),
            ("S_INTERSECTS(box, LINESTRING(1 2,3 4))", "LINESTRING; supported geometries are BBOX and POINT", "Say"),
            ("S_INTERSECTS(box, POINT(1 2 3))", "S_INTERSECTS with elevations", "Say"),
            ("S_INTERSECTS(box, box)", "one side is a property, the other a BBOX or POINT", "Say"),
            (
                "S_INTERSECTS(box, BBOX(0,5,1,4))", "southern border 5.0 of a BBOX lies north",
                "west, south, east, north"
            ),
            ("ACCENTI(name) = 'x'", "ACCENTI; the supported folding of texts is CASEI", "Say"),
            ("size ^ 2 = 4", "the operator ^; the supported arithmetic operators are + - * / div %", "Say"),
            ("A_CONTAINS(name, (1))", "A_CONTAINS: no property is an array", "Say"),
            ("avg(size) < 4", "the function avg()", "Say"),
            ("nothing IS NULL", "There is no property “nothing”", "Known"),
        ])
    func refused(text: String, message: String, remedy: String) throws {
        let filter = try Filter(parsing: text)
        let error = try #require(throws: GranaryError.self) { try filter.check(against: schema) }
        #expect(error.code == .filterInvalid)
        #expect(error.message.contains(message), "\(error.message)")
        #expect(error.remedy.contains(remedy), "\(error.remedy)")
    }

    @Test("What is unsupported is also refused when it is matched without a check")
    func unchecked() throws {
        let filter = try Filter(parsing: "size = 1 OR ACCENTI(name) = 'x'")
        #expect(throws: GranaryError.self) { try filter.matches(["size": FilterValue.integer(1)]) }
    }

    @Test("A property that is only in memory passes the check but not into SQL")
    func inMemory() throws {
        let filter = try Filter(parsing: "event = 'archived'")
        try filter.check(against: schema)
        let error = try #require(throws: GranaryError.self) { try filter.sql(columns: schema) }
        #expect(error.message.contains("“event”"))
    }

    @Test("SQL carries every value as an argument, in order")
    func sql() throws {
        let filter = try Filter(
            parsing: "NOT name LIKE 'x%' AND (size + 1) / 2 > 3.5 AND good = TRUE AND CASEI(name) IN ('a','b''c')")
        let sql = try filter.sql(columns: schema)
        #expect(
            sql.text == "(NOT (g.name LIKE ? ESCAPE '\\') AND "
                + "(CAST(g.size + ? AS DOUBLE PRECISION) / NULLIF(?, 0) > ?) AND (g.good = ?) AND "
                + "(lower(g.name) IN (?, ?)))")
        #expect(
            sql.arguments == [
                .text("x%"), .integer(1), .integer(2), .number(3.5), .integer(1), .text("a"), .text("b'c"),
            ])
    }

    @Test(
        "Only the parentheses that SQL needs group arithmetic",
        arguments: [
            ("size + 1 - rank * 2 > 0", "(g.size + ? - g.rank * ? > ?)"),
            ("size - (1 - rank) > 0", "(g.size - (? - g.rank) > ?)"),
            ("(size + 1) * 2 div 3 % 4 > 0", "((g.size + ?) * ? / NULLIF(?, 0) % NULLIF(?, 0) > ?)"),
            ("size * (rank div 2) > 0", "(g.size * (g.rank / NULLIF(?, 0)) > ?)"),
        ])
    func sqlArithmetic(text: String, expected: String) throws {
        #expect(try Filter(parsing: text).sql(columns: schema).text == expected)
    }

    @Test("Times become microseconds, and an interval its two columns")
    func sqlTimes() throws {
        let sql = try Filter(parsing: "at < DATE('1970-01-02') AND T_MEETS(span, at) AND span IS NULL").sql(
            columns: schema)
        #expect(sql.text == "((g.at < ?) AND (g.b = g.at) AND (g.a IS NULL AND g.b IS NULL))")
        #expect(sql.arguments == [.integer(86_400_000_000)])
    }

    @Test("More values than a statement can bind are refused")
    func tooManyValues() throws {
        let filter = try Filter(parsing: "size IN (1" + String(repeating: ",1", count: 30_000) + ")")
        let error = try #require(throws: GranaryError.self) { try filter.sql(columns: schema) }
        #expect(error.message.contains("30001 values"))
    }
}

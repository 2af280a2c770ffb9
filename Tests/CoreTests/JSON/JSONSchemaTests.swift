// SPDX-License-Identifier: Apache-2.0
import GranaryCore
import Testing

@Suite struct JSONSchemaTests {
    @Test("a violation names the place, the keyword and what is wrong")
    func violations() throws {
        let schema = try JSONSchema([
            "required": ["id"],
            "properties": ["files": ["items": ["properties": ["size": ["type": "integer", "minimum": 0]]]]],
        ])
        let violations = schema.validate(["files": [["size": 1], ["size": -3], ["size": "big"]]])
        #expect(
            violations.map(\.description) == [
                #"the value has no member "id""#, "/files/1/size must be at least 0, not -3",
                "/files/2/size must be integer",
            ])
        #expect(violations.map(\.keyword) == ["required", "minimum", "type"])
        #expect(violations.map(\.pointer) == ["", "/files/1/size", "/files/2/size"])
    }

    @Test("alternatives that all fail say why")
    func alternatives() throws {
        let schema = try JSONSchema(["anyOf": [["type": "string"], ["required": ["name"]]]])
        let value: JSONValue = [:]
        #expect(
            schema.validate(value).map(\.sentence) == [
                #"fits none of the 2 alternatives: the value must be string, or the value has no member "name""#
            ])
    }

    static let wrongSchemas: [(schema: JSONValue, reason: String)] = [
        ("text", "object or a boolean"), (["type": "text"], #"type names no type: "text""#),
        (["minLength": -1], "minLength must be a whole number"), (["required": ["a", "a"]], "required must be a list"),
        (["properties": [1]], "properties must be an object"), (["allOf": []], "allOf must be a list of schemas"),
        (["$defs": ["x": ["maximum": "9"]]], "at /$defs/x: maximum must be a number"),
        (["$ref": "#/$defs/none"], "leads nowhere"), (["$ref": "https://elsewhere.example/s"], "leads nowhere"),
        (["$ref": "#%FF"], "leads nowhere"), (["pattern": "("], "at byte 1"), (["items": [["type": "null"]]], "schema"),
        (["$schema": "http://json-schema.org/draft-04/schema#"], "neither draft 7 nor 2020-12"),
        (["multipleOf": 0], "more than zero"), (["not": 3], "object or a boolean"),
    ]

    @Test("a wrong schema is refused when it is loaded, with the place and reason", arguments: wrongSchemas)
    func refusals(schema: JSONValue, reason: String) throws {
        let error = #expect(throws: GranaryError.self) { try JSONSchema(schema) }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test("a required vocabulary that is unknown here is refused by name")
    func vocabularies() throws {
        let metaschema: JSONValue = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$vocabulary": ["urn:colours": true],
        ]
        let error = #expect(throws: GranaryError.self) {
            try JSONSchema(["$schema": "urn:meta"], resolving: ["urn:meta": metaschema])
        }
        #expect(error?.message.contains("urn:colours") == true)
    }

    @Test(
        "a schema that applies itself without end gives up, and never passes anything",
        arguments: [["$ref": "#"], ["not": ["$ref": "#"]], ["allOf": [["$ref": "#"], ["$ref": "#"]]]] as [JSONValue])
    func recursion(schema: JSONValue) throws {
        let violations = try JSONSchema(schema).validate(1)
        #expect(violations.count == 1)
        #expect(violations.first?.sentence.contains("cannot be judged") == true)
    }

    @Test("a pattern that takes too long is reported, and is no pass, not even under `not`")
    func slowPatterns() throws {
        let slow: JSONValue = ["pattern": "^(a+)+$"]
        let text = JSONValue.string(String(repeating: "a", count: 60) + "!")
        for schema in [slow, ["not": slow], ["not": ["not": slow]]] {
            #expect(try JSONSchema(schema).validate(text).map(\.keyword).contains("pattern"))
        }
    }

    @Test("as deep as a value may nest, a recursive schema follows")
    func depth() throws {
        let schema = try JSONSchema(["anyOf": [["type": "integer"], ["type": "array", "items": ["$ref": "#"]]]])
        func nested(_ leaf: String) throws -> JSONValue {
            try JSONValue(parsing: String(repeating: "[", count: 64) + leaf + String(repeating: "]", count: 64))
        }
        #expect(schema.isValid(try nested("1")))
        #expect(schema.validate(try nested("true")).map(\.keyword) == ["anyOf"])
    }

    @Test("formats are checked only when asked")
    func formats() throws {
        let document: JSONValue = ["format": "ipv4"]
        #expect(try JSONSchema(document).isValid("nowhere"))
        #expect(try !JSONSchema(document, formatAssertion: true).isValid("nowhere"))
        #expect(try JSONSchema(["format": "colour"], formatAssertion: true).isValid("any"))
    }

    @Test("no more violations are listed than the limit, and the value stays invalid")
    func manyViolations() throws {
        let schema = try JSONSchema(["items": false])
        let value = JSONValue.array(Array(repeating: 1, count: 5000))
        #expect(schema.validate(value).count == JSONSchema.mostViolations)
        #expect(try !JSONSchema(["anyOf": [["items": false]]]).isValid(value))
    }

    @Test("requiring a value throws what is wrong, for quarantine")
    func require() throws {
        let schema = try JSONSchema(["required": ["a", "b", "c", "d"]])
        let error = #expect(throws: GranaryError.self) { try schema.require([:], named: "message 7") }
        #expect(error?.disposition == .quarantine)
        #expect(error?.message.contains(#"message 7 does not fit its schema: the value has no member "a""#) == true)
        #expect(error?.message.contains("(and 1 more)") == true)
        #expect(throws: Never.self) { try schema.require(["a": 1, "b": 1, "c": 1, "d": 1], named: "message 8") }
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Testing

@testable import GranaryProcessing

@Suite struct ProcessTests {
    private let values = CommandValues(
        directory: "/w", output: "/w/output", context: "/w/_context.json", job: 7,
        inputs: ["/w/input/1/a b", "/w/input/1/c"],
        parameters: ["text": "$(x) 'q'", "number": 3, "list": [1, "x"], "empty": ""])

    @Test(
        "placeholders become what they stand for, whole or inside an element, and nothing is split",
        arguments: [
            ("{input}", ["/w/input/1/a b"]), ("{inputs}", ["/w/input/1/a b", "/w/input/1/c"]),
            ("--out={output}/x", ["--out=/w/output/x"]), ("{context}", ["/w/_context.json"]), ("{directory}", ["/w"]),
            ("job-{job}", ["job-7"]), ("{parameter.text}", ["$(x) 'q'"]), ("{parameter.number}", ["3"]),
            ("{parameter.list}", [#"[1,"x"]"#]), ("{parameter.empty}", [""]), ("{{job}", ["{job}"]),
            ("{print $1}", ["{print $1}"]), ("{\"a\":{}}", ["{\"a\":{}}"]), ("", [""]), ("a{", ["a{"]),
            ("é{job}", ["é7"]),
        ])
    func expansion(_ element: String, _ expected: [String]) throws {
        let process = GranaryProcessing.Process(id: "p", command: ["x", element])
        #expect(process.validate() == [])
        #expect(try process.arguments(values) == ["x"] + expected)
    }

    @Test("a value is never read for placeholders again")
    func noSecondPass() throws {
        var values = values
        values.parameters = ["a": "{parameter.b}", "b": "secret"]
        #expect(
            try GranaryProcessing.Process(id: "p", command: ["{parameter.a}"]).arguments(values) == ["{parameter.b}"])
    }

    @Test("a placeholder with nothing to stand for is an error", arguments: ["{input}", "{parameter.absent}"])
    func nothing(_ element: String) {
        let empty = CommandValues(directory: "", output: "", context: "", job: 1, inputs: [], parameters: [:])
        let error = #expect(throws: GranaryError.self) {
            try GranaryProcessing.Process(id: "p", command: [element]).arguments(empty)
        }
        #expect(error?.code == .jobInvalid)
    }

    @Test("defaults are sound, and every fault is a sentence")
    func validation() {
        var process = GranaryProcessing.Process(id: "p", command: ["x"])
        #expect(process.validate() == [] && process.hardLimit == .seconds(3660))
        process.id = "../up"
        process.version = ""
        process.command = ["x", "{outptu}", "a{inputs}", "{parameter.}"]
        process.environment = ["HOME": "/", "A B": "", "FINE_1": ""]
        process.softLimit = .zero
        process.hardLimit = .seconds(-1)
        process.retry.attempts = 0
        #expect(process.validate().count == 10)
        process.command = []
        #expect(process.validate().contains("Process ../up has no command."))
    }

    @Test("a register keeps every version, starts the last, and refuses the same version twice")
    func register() throws {
        let (one, two) = (
            GranaryProcessing.Process(id: "p", version: "1", command: ["a"]),
            GranaryProcessing.Process(id: "p", version: "2", command: ["b"])
        )
        let register = try ProcessRegister([one, two])
        #expect(register["p"] == two && register["p", version: "1"] == one && register["q"] == nil)
        #expect(throws: GranaryError.self) { try ProcessRegister([one, one]) }
    }
}

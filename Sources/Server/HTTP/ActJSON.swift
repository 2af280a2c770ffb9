// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore

/// An act as it travels:
/// `{"verb": "job retry", "subjects": ["17"], "actor": "ada", "reason": "outage", "dryRun": false}`.
extension OperatorAct {
    /// Reads strictly: a member that is missing, of another kind or unknown is `.invalid`. Only `dryRun` may be left out.
    init(json: JSONValue) throws {
        let members = try StrictMembers(json, of: "act", among: ["verb", "subjects", "actor", "reason", "dryRun"])
        self.init(
            try Verb(spelled: try members.text("verb")), subjects: try members.texts("subjects"),
            actor: try members.text("actor"), reason: try members.text("reason"),
            dryRun: try members.flag("dryRun") ?? false)
        guard !subjects.isEmpty else { throw members.invalid("has no subjects") }
        guard !actor.isEmpty else { throw members.invalid("does not say who asks: actor is empty") }
    }

    var json: JSONValue {
        [
            "verb": .string(verb.rawValue), "subjects": .array(subjects.map(JSONValue.string)),
            "actor": .string(actor), "reason": .string(reason), "dryRun": .boolean(dryRun),
        ]
    }
}

extension OperatorAct.Verb {
    fileprivate init(spelled text: String) throws {
        guard let verb = Self(rawValue: text) else {
            throw GranaryError(
                .invalid, "The act has an unknown verb: \(text).", subject: text,
                remedy: "Use one of: \(Self.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        self = verb
    }
}

/// An outcome as it travels: `{"lines": [{"subject": "17", "done": true, "message": "…"}]}`.
extension ActOutcome {
    init(json: JSONValue) throws {
        let members = try StrictMembers(json, of: "outcome", among: ["lines"])
        self.init(lines: try members.values("lines").map(Line.init(json:)))
    }

    var json: JSONValue { ["lines": .array(lines.map(\.json))] }
}

extension ActOutcome.Line {
    fileprivate init(json: JSONValue) throws {
        let members = try StrictMembers(json, of: "line of an outcome", among: ["subject", "done", "message"])
        guard let done = try members.flag("done") else { throw members.invalid("lacks done") }
        self.init(try members.text("subject"), done: done, try members.text("message"))
    }

    fileprivate var json: JSONValue {
        ["subject": .string(subject), "done": .boolean(done), "message": .string(message)]
    }
}

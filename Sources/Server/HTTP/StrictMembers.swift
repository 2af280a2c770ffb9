// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// The members of a JSON object of which every one is expected. What does not fit is `.invalid` and named.
struct StrictMembers {
    private let object: JSONObject
    private let what: String
    private let known: [String]

    init(_ json: JSONValue, of what: String, among known: [String]) throws {
        self.what = what
        self.known = known
        object = json.object ?? JSONObject()
        guard json.object != nil else { throw invalid("is not a JSON object") }
        if let stranger = object.keys.first(where: { !known.contains($0) }) {
            throw invalid("has an unknown member: \(stranger)")
        }
    }

    func text(_ key: String) throws -> String {
        guard let text = try required(key).string else { throw invalid("has a \(key) that is not text") }
        return text
    }

    func texts(_ key: String) throws -> [String] {
        try values(key).map { value in
            guard let text = value.string else { throw invalid("has something in \(key) that is not text") }
            return text
        }
    }

    func values(_ key: String) throws -> [JSONValue] {
        guard let values = try required(key).array else { throw invalid("has \(key) that are not a list") }
        return values
    }

    /// Nil when it is left out.
    func flag(_ key: String) throws -> Bool? {
        guard let value = object[key] else { return nil }
        guard let flag = value.boolean else { throw invalid("has a \(key) that is neither true nor false") }
        return flag
    }

    func invalid(_ fault: String) -> GranaryError {
        GranaryError(
            .invalid, "The \(what) \(fault).", remedy: "Send a JSON object with \(known.joined(separator: ", ")) only.")
    }

    private func required(_ key: String) throws -> JSONValue {
        guard let value = object[key] else { throw invalid("lacks \(key)") }
        return value
    }
}

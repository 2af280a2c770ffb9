// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// The schemas that everything we send must satisfy: `schemas/cnm/` of the distribution, read by whoever assembles the service.
public struct MessageSchemas: Sendable {
    public var submission: JSONSchema
    public var response: JSONSchema

    /// The schema of CNM-R refers to definitions in that of CNM-S. Throws `input.invalid` when one is no schema.
    public init(submission: JSONSchema, response: JSONSchema) {
        self.submission = submission
        self.response = response
    }

    /// Compiles both documents, formats checked. Throws `input.invalid` when one is no schema.
    public init(submission: JSONValue, response: JSONValue) throws {
        self.submission = try JSONSchema(submission, formatAssertion: true)
        self.response = try JSONSchema(response, among: [submission], formatAssertion: true)
    }
}

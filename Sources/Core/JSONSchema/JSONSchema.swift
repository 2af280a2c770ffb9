// SPDX-License-Identifier: Apache-2.0

/// A compiled JSON Schema (draft 7 or 2020-12) that says what is wrong with a value, in sentences for operators.
///
/// Everything a schema refers to is given when it is made; nothing is ever fetched. What the schema itself gets wrong,
/// dangling references included, is an error of `init`, never a silent pass of `validate`.
public struct JSONSchema: Sendable {
    /// What is wrong at one place of a value.
    public struct Violation: Sendable, Hashable, CustomStringConvertible {
        /// Where in the value, as a JSON Pointer; empty for the whole value.
        public let pointer: String
        /// The keyword of the schema that is not met, for scripts and tests.
        public let keyword: String
        /// What is wrong, to be read after the pointer: "is shorter than 3 characters".
        public let sentence: String

        public var description: String { "\(pointer.isEmpty ? "the value" : pointer) \(sentence)" }
    }

    /// The most violations that one validation lists; a value with more is as invalid with these.
    public static let mostViolations = 100

    let nodes: [SchemaNode]
    let root: Int
    let dynamicAnchors: [SchemaAnchor: Int]
    let recordsEvaluated: Bool

    /// - Parameters:
    ///   - document: the schema, an object or a boolean.
    ///   - documents: other schemas by the absolute URI under which references name them.
    ///   - dialect: the dialect of documents that name none in `$schema`.
    ///   - formatAssertion: whether `format` is checked. It is not by default: draft 2020-12 takes it for a remark.
    ///     Formats unknown to `SchemaFormat` are never checked.
    /// - Throws: `.invalid` for keywords with values of the wrong shape, references that lead nowhere, patterns that do
    ///   not compile, and dialects and vocabularies unknown here; each with the place in the schema.
    public init(
        _ document: JSONValue, resolving documents: [String: JSONValue] = [:], dialect: Dialect = .draft2020,
        formatAssertion: Bool = false
    ) throws {
        let compiler = SchemaCompiler(documents: documents, dialect: dialect, assertsFormats: formatAssertion)
        root = try compiler.compile(document)
        nodes = compiler.finishedNodes
        dynamicAnchors = compiler.dynamicAnchorNodes
        recordsEvaluated = compiler.recordsEvaluated
    }

    /// Compiles a schema that refers to others by their own `$id`, as the files of one folder do; see the other `init`.
    public init(
        _ document: JSONValue, among documents: [JSONValue], dialect: Dialect = .draft2020,
        formatAssertion: Bool = false
    ) throws {
        let named = documents.compactMap { document in document["$id"]?.string.map { ($0, document) } }
        let registry = Dictionary(named) { first, _ in first }
        try self.init(document, resolving: registry, dialect: dialect, formatAssertion: formatAssertion)
    }

    /// Everything that is wrong with the value, in an order that does not change; empty when it is valid.
    public func validate(_ value: JSONValue) -> [Violation] {
        var evaluation = SchemaEvaluation(schema: self)
        _ = evaluation.apply(root, value)
        return evaluation.result
    }

    /// True when `validate` finds nothing.
    public func isValid(_ value: JSONValue) -> Bool { validate(value).isEmpty }

    /// Passes a valid value and refuses any other.
    ///
    /// - Throws: `.invalid` with the first violations in its message, for quarantine.
    public func require(_ value: JSONValue, named subject: String) throws {
        let violations = validate(value)
        guard !violations.isEmpty else { return }
        let shown = violations.prefix(3).map(\.description).joined(separator: "; ")
        let more = violations.count > 3 ? " (and \(violations.count - 3) more)" : ""
        throw GranaryError(
            .invalid, "\(subject) does not fit its schema: \(shown)\(more).", subject: subject,
            remedy: "Correct the named places, then try again.", disposition: .quarantine)
    }
}

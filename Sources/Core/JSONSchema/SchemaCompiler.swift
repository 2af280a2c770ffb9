// SPDX-License-Identifier: Apache-2.0

/// What a keyword does to a value: it fails the evaluation, or notes what it looked at.
typealias SchemaCheck = @Sendable (JSONValue, inout SchemaEvaluation) -> Void

/// One schema, compiled: its keywords in the order they are applied.
struct SchemaNode: Sendable {
    /// The URI of the schema resource it belongs to, for dynamic references.
    let resource: String
    let checks: [SchemaCheck]
}

/// Turns schema documents into nodes. Subschemas and references become node numbers and are compiled later from a list,
/// so that schemas may refer to themselves and nothing here recurses.
final class SchemaCompiler {
    private var library: SchemaLibrary
    private var numbers: [SchemaLocation: Int] = [:]
    private var nodes: [SchemaNode?] = []
    private var waiting: [(number: Int, location: SchemaLocation)] = []
    private var patterns: [String: Pattern] = [:]
    let assertsFormats: Bool
    /// Off when only the shape of a schema is looked at; see `shapeFault`.
    private let followsReferences: Bool
    var recordsEvaluated = false

    init(
        documents: [String: JSONValue], dialect: JSONSchema.Dialect, assertsFormats: Bool,
        followsReferences: Bool = true
    ) {
        library = SchemaLibrary(documents: documents, dialect: dialect)
        self.assertsFormats = assertsFormats
        self.followsReferences = followsReferences
    }

    /// The number of the document's node.
    func compile(_ document: JSONValue) throws -> Int {
        let root = number(at: try library.add(document, uri: ""))
        repeat {
            while let next = waiting.popLast() { nodes[next.number] = try node(at: next.location) }
            for location in library.dynamicAnchors.values { _ = number(at: location) }
        } while !waiting.isEmpty
        return root
    }

    var finishedNodes: [SchemaNode] { nodes.compactMap(\.self) }

    var dynamicAnchorNodes: [SchemaAnchor: Int] { library.dynamicAnchors.compactMapValues { numbers[$0] } }

    func number(at location: SchemaLocation) -> Int {
        if let number = numbers[location] { return number }
        nodes.append(nil)
        numbers[location] = nodes.count - 1
        waiting.append((nodes.count - 1, location))
        return nodes.count - 1
    }

    /// The node a reference leads to, and the anchor's name when that is a dynamic one; nil when references are not
    /// followed.
    func target(of reference: String, from site: SchemaSite) throws -> (number: Int, dynamicAnchor: String?)? {
        guard followsReferences else { return nil }
        guard let (location, anchor) = try library.resolve(reference, base: site.context.base) else {
            throw site.fault("leads nowhere: \(quoted(reference)) is in none of the given documents")
        }
        return (number(at: location), anchor)
    }

    func pattern(_ source: String) throws -> Pattern {
        if let known = patterns[source] { return known }
        let pattern = try Pattern(source, dialect: .ecma)
        patterns[source] = pattern
        return pattern
    }

    private func node(at location: SchemaLocation) throws -> SchemaNode {
        let context = library.context(of: location)
        switch library.value(at: location) {
        case .boolean(true): return SchemaNode(resource: context.base, checks: [])
        case .boolean(false):
            return SchemaNode(resource: context.base, checks: [{ $1.fail("false", "is not allowed here") }])
        case .object(let schema):
            return SchemaNode(resource: context.base, checks: try checks(schema, at: location, in: context))
        default: throw Self.invalid("a schema is an object or a boolean", at: location.pointer.description)
        }
    }

    private func checks(
        _ schema: JSONObject, at location: SchemaLocation, in context: SchemaContext
    ) throws -> [SchemaCheck] {
        let onlyReference = context.dialect.draft == .seven && schema["$ref"] != nil
        return try SchemaKeyword.all.compactMap { keyword in
            guard keyword.applies(in: context.dialect), !onlyReference || keyword.name == "$ref",
                let value = schema[keyword.name]
            else { return nil }
            let site = SchemaSite(
                compiler: self, schema: schema, location: location, context: context, keyword: keyword.name,
                value: value)
            return try keyword.build(site)
        }
    }
}

extension SchemaCompiler {
    static func invalid(_ reason: String, at pointer: String) -> GranaryError {
        GranaryError(
            .invalid, "The JSON Schema is not valid\(pointer.isEmpty ? "" : " at \(pointer)"): \(reason).",
            subject: pointer, remedy: "Correct the schema; drafts 7 and 2020-12 are understood.")
    }

    /// What is wrong with a schema's own shape, references left aside: the check that a metaschema would make.
    static func shapeFault(_ schema: JSONValue, dialect: JSONSchema.Dialect) -> GranaryError? {
        let compiler = SchemaCompiler(
            documents: [:], dialect: dialect, assertsFormats: false, followsReferences: false)
        do {
            _ = try compiler.compile(schema)
            return nil
        } catch let error as GranaryError { return error } catch { return nil }
    }
}

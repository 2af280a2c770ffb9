// SPDX-License-Identifier: Apache-2.0

/// A place in one of the schema documents: what a reference leads to, whichever way it is spelled.
struct SchemaLocation: Hashable {
    let document: Int
    let pointer: JSONPointer
}

/// A plain name given to a place inside the schema resource `resource` (its URI).
struct SchemaAnchor: Hashable {
    let resource: String
    let name: String
}

/// What is known of a place where a schema stands.
struct SchemaContext {
    let base: String
    let dialect: JSONSchema.Dialect
}

/// The schema documents that were met so far, and everything in them that has a name.
struct SchemaLibrary {
    private let given: [String: JSONValue]
    private let dialect: JSONSchema.Dialect
    private var documents: [JSONValue] = []
    private var contexts: [SchemaLocation: SchemaContext] = [:]
    private var resources: [String: SchemaLocation] = [:]
    private var anchors: [SchemaAnchor: SchemaLocation] = [:]
    private(set) var dynamicAnchors: [SchemaAnchor: SchemaLocation] = [:]

    init(documents: [String: JSONValue], dialect: JSONSchema.Dialect) {
        given = Dictionary(documents.map { (URIReference($0).document, $1) }) { first, _ in first }
        self.dialect = dialect
    }

    /// Takes in a document and names what is in it.
    mutating func add(_ document: JSONValue, uri: String) throws -> SchemaLocation {
        documents.append(document)
        let root = SchemaLocation(document: documents.count - 1, pointer: JSONPointer())
        resources[uri] = root
        try scan(document, at: root, in: SchemaContext(base: uri, dialect: dialect), depth: 0)
        return root
    }

    func value(at location: SchemaLocation) -> JSONValue? { documents[location.document][location.pointer] }

    /// The context of a schema, or the nearest one above a place that is not known to hold a schema.
    func context(of location: SchemaLocation) -> SchemaContext {
        var tokens = location.pointer.tokens
        while true {
            let place = SchemaLocation(document: location.document, pointer: JSONPointer(tokens: tokens))
            if let context = contexts[place] { return context }
            guard tokens.popLast() != nil else { return SchemaContext(base: "", dialect: dialect) }
        }
    }

    /// Where a reference leads that is read in a document with the base URI `base`.
    ///
    /// - Returns: the place, and the anchor's name if the reference ends in a dynamic one.
    mutating func resolve(_ reference: String, base: String) throws -> (SchemaLocation, dynamicAnchor: String?)? {
        let uri = URIReference(reference).resolved(against: URIReference(base))
        guard let start = try resource(uri.document), let fragment = uri.decodedFragment else { return nil }
        if let pointer = JSONPointer(fragment) {
            let place = SchemaLocation(
                document: start.document, pointer: JSONPointer(tokens: start.pointer.tokens + pointer.tokens))
            return try known(place) ? (place, nil) : nil
        }
        let anchor = SchemaAnchor(resource: context(of: start).base, name: fragment)
        if let place = dynamicAnchors[anchor] { return (place, fragment) }
        return anchors[anchor].map { ($0, nil) }
    }

    private mutating func resource(_ uri: String) throws -> SchemaLocation? {
        if let known = resources[uri] { return known }
        guard let document = given[uri] else { return nil }
        return try add(document, uri: uri)
    }

    /// Whether something stands there; a place under an unknown keyword becomes a schema by being referred to.
    private mutating func known(_ location: SchemaLocation) throws -> Bool {
        guard let value = value(at: location) else { return false }
        if contexts[location] == nil { try scan(value, at: location, in: context(of: location), depth: 0) }
        return true
    }
}

extension SchemaLibrary {
    private mutating func scan(
        _ schema: JSONValue, at location: SchemaLocation, in outer: SchemaContext, depth: Int
    ) throws {
        guard depth <= JSONLimits.deepest else { throw SchemaCompiler.invalid("it nests too deeply", at: "") }
        var context = outer
        if let object = schema.object {
            context = try entered(object, outer, isRoot: location.pointer.tokens.isEmpty)
            if context.base != outer.base { resources[context.base] = location }
            name(object, at: location, in: context)
        }
        contexts[location] = context
        for (tokens, child) in SchemaShape.subschemas(of: schema) {
            let pointer = JSONPointer(tokens: location.pointer.tokens + tokens)
            let place = SchemaLocation(document: location.document, pointer: pointer)
            try scan(child, at: place, in: context, depth: depth + 1)
        }
    }

    /// The context inside an object: `$schema` changes the dialect of a resource, `$id` starts a resource of its own.
    private mutating func entered(_ object: JSONObject, _ outer: SchemaContext, isRoot: Bool) throws -> SchemaContext {
        let id = object["$id"]?.string
        var dialect = outer.dialect
        if isRoot || id != nil, let uri = object["$schema"]?.string { dialect = try self.dialect(named: uri) }
        // In draft 7 a reference hides everything beside it, and an `$id` that is only a fragment is an anchor.
        let isHidden = dialect.draft == .seven && (object["$ref"] != nil || id?.hasPrefix("#") == true)
        guard let id, !isHidden else { return SchemaContext(base: outer.base, dialect: dialect) }
        let base = URIReference(id).resolved(against: URIReference(outer.base)).document
        return SchemaContext(base: base, dialect: dialect)
    }

    private func dialect(named uri: String) throws -> JSONSchema.Dialect {
        if let known = JSONSchema.Dialect(uri: uri) { return known }
        guard let metaschema = given[URIReference(uri).document] else {
            throw SchemaCompiler.invalid("its dialect \(quoted(uri)) is neither draft 7 nor 2020-12", at: "")
        }
        return try JSONSchema.Dialect(metaschema: metaschema, named: uri)
    }

    private mutating func name(_ object: JSONObject, at location: SchemaLocation, in context: SchemaContext) {
        func anchor(_ name: String) -> SchemaAnchor { SchemaAnchor(resource: context.base, name: name) }
        if context.dialect.draft == .seven {
            if object["$ref"] == nil, let id = object["$id"]?.string, let hash = id.firstIndex(of: "#") {
                anchors[anchor(String(id[id.index(after: hash)...]))] = location
            }
            return
        }
        if let name = object["$anchor"]?.string { anchors[anchor(name)] = location }
        if let name = object["$dynamicAnchor"]?.string { dynamicAnchors[anchor(name)] = location }
    }
}

/// Which keywords hold schemas, and in what form.
enum SchemaShape {
    static let single: Set<String> = [
        "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not",
        "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    ]
    static let listed: Set<String> = ["allOf", "anyOf", "items", "oneOf", "prefixItems"]
    static let keyed: Set<String> = [
        "$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties",
    ]

    /// The schemas directly inside a schema, with the tokens that lead there.
    static func subschemas(of schema: JSONValue) -> [(tokens: [String], schema: JSONValue)] {
        (schema.object?.members ?? []).flatMap { keyword, value -> [(tokens: [String], schema: JSONValue)] in
            switch value {
            case .object(let members) where keyed.contains(keyword):
                members.members.map { ([keyword, $0.key], $0.value) }
            case .array(let elements) where listed.contains(keyword):
                elements.enumerated().map { ([keyword, String($0)], $1) }
            case .object where single.contains(keyword): [([keyword], value)]
            default: []
            }
        }
    }
}

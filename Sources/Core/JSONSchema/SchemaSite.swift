// SPDX-License-Identifier: Apache-2.0

/// One keyword in one schema, as its builder sees it.
struct SchemaSite {
    let compiler: SchemaCompiler
    let schema: JSONObject
    let location: SchemaLocation
    let context: SchemaContext
    let keyword: String
    let value: JSONValue

    func fault(_ reason: String) -> GranaryError {
        SchemaCompiler.invalid("\(keyword) \(reason)", at: location.pointer.description)
    }

    /// The node of a schema inside this one, by default of the keyword's own value.
    func node(_ tokens: String...) -> Int {
        let pointer = JSONPointer(tokens: location.pointer.tokens + (tokens.isEmpty ? [keyword] : tokens))
        return compiler.number(at: SchemaLocation(document: location.document, pointer: pointer))
    }

    /// The nodes of a keyword that lists schemas.
    func nodes() throws -> [Int] {
        guard let schemas = value.array, !schemas.isEmpty else { throw fault("must be a list of schemas") }
        return schemas.indices.map { node(keyword, String($0)) }
    }

    /// The nodes of a keyword that gives schemas by name.
    func namedNodes() throws -> [(key: String, node: Int)] {
        try object().keys.map { ($0, node(keyword, $0)) }
    }

    func object() throws -> JSONObject {
        guard let object = value.object else { throw fault("must be an object") }
        return object
    }

    func text() throws -> String {
        guard let text = value.string else { throw fault("must be a string") }
        return text
    }

    func number() throws -> JSONValue {
        guard value.number != nil else { throw fault("must be a number") }
        return value
    }

    func count() throws -> Int {
        guard let count = value.integer, count >= 0 else { throw fault("must be a whole number, zero or more") }
        return Int(count)
    }

    /// The count that a keyword beside this one gives, if it is there and belongs to the dialect.
    func count(beside name: String) -> Int? {
        guard context.dialect.vocabularies.contains("validation") else { return nil }
        return context.dialect.draft == .twenty ? schema[name]?.integer.map(Int.init) : nil
    }

    func names(of value: JSONValue? = nil) throws -> [String] {
        guard let values = (value ?? self.value).array, Set(values).count == values.count else {
            throw fault("must be a list of different names")
        }
        return try values.map {
            guard let name = $0.string else { throw fault("must be a list of different names") }
            return name
        }
    }
}

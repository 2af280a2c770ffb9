// SPDX-License-Identifier: Apache-2.0

extension SchemaKeyword {
    /// The keywords that apply schemas to the members of an object.
    static let objects = [
        SchemaKeyword("properties", ["applicator"]) { site in
            let schemas = try site.namedNodes()
            return { value, run in
                guard let object = value.object else { return }
                for (key, node) in schemas {
                    if let place = object.place(of: key) { run.descend(node, member: place, of: object) }
                }
            }
        },
        SchemaKeyword("patternProperties", ["applicator"]) { site in
            let schemas = try site.namedNodes().map { (pattern: try site.compiler.pattern($0.key), node: $0.node) }
            return { value, run in
                guard let object = value.object else { return }
                for (place, member) in object.members.enumerated() {
                    for (pattern, node) in schemas
                    where run.matches(pattern, member.key, keyword: "patternProperties") {
                        run.descend(node, member: place, of: object)
                    }
                }
            }
        },
        SchemaKeyword("additionalProperties", ["applicator"]) { site in
            let node = site.node()
            let named = Set((site.schema["properties"]?.object?.keys ?? []).map(ByteKey.init))
            let sources = site.schema["patternProperties"]?.object?.keys ?? []
            let patterns = try sources.map { try site.compiler.pattern($0) }
            return { value, run in
                guard let object = value.object else { return }
                for (place, member) in object.members.enumerated() where !named.contains(ByteKey(member.key)) {
                    let isMatched = patterns.contains { run.matches($0, member.key, keyword: "additionalProperties") }
                    if !isMatched { run.descend(node, member: place, of: object) }
                }
            }
        },
        SchemaKeyword("propertyNames", ["applicator"]) { site in
            let node = site.node()
            return { value, run in
                for key in value.object?.keys ?? [] { run.descend(node, key, .string(key)) }
            }
        },
        SchemaKeyword("dependentSchemas", ["applicator"], only: .twenty) { site in
            let schemas = try site.namedNodes()
            return { value, run in
                guard let object = value.object else { return }
                for (key, node) in schemas where object[key] != nil { _ = run.apply(node, value) }
            }
        },
        // Draft 7's one keyword for what later became `dependentRequired` and `dependentSchemas`.
        SchemaKeyword("dependencies", ["applicator"]) { site in
            let lists = try site.object().members.filter { $0.value.array != nil }
                .map { ($0.key, try site.names(of: $0.value)) }
            let schemas = try site.object().members.filter { $0.value.array == nil }
                .map { ($0.key, site.node("dependencies", $0.key)) }
            return { value, run in
                for (key, names) in lists { run.needs(names, because: key, in: value, "dependencies") }
                for (key, node) in schemas where value[key] != nil { _ = run.apply(node, value) }
            }
        },
    ]
}

extension SchemaEvaluation {
    /// Applies a schema to a member and remembers that one did.
    mutating func descend(_ node: Int, member place: Int, of object: JSONObject) {
        let member = object.members[place]
        descend(node, member.key, member.value)
        if schema.recordsEvaluated { evaluated.members.insert(place) }
    }
}

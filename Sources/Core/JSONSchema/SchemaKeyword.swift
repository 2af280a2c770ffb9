// SPDX-License-Identifier: Apache-2.0

/// A keyword: where it belongs, and how its check is made from a schema. A builder that returns nil only checks the
/// keyword's shape.
struct SchemaKeyword: Sendable {
    let name: String
    let vocabularies: Set<String>
    let draft: JSONSchema.Dialect.Draft?
    let build: @Sendable (SchemaSite) throws -> SchemaCheck?

    init(
        _ name: String, _ vocabularies: Set<String>, only draft: JSONSchema.Dialect.Draft? = nil,
        build: @escaping @Sendable (SchemaSite) throws -> SchemaCheck?
    ) {
        self.name = name
        self.vocabularies = vocabularies
        self.draft = draft
        self.build = build
    }

    func applies(in dialect: JSONSchema.Dialect) -> Bool {
        (draft == nil || draft == dialect.draft) && !vocabularies.isDisjoint(with: dialect.vocabularies)
    }

    /// All keywords in the order they are applied; the last ones ask what the others have looked at.
    static let all = core + validation + logic + objects + arrays + unevaluated
}

extension SchemaKeyword {
    private static let core = [
        SchemaKeyword("$ref", ["core"]) { site in
            let reference = try site.text()
            if let dialect = JSONSchema.Dialect(uri: reference) { return metaschema(dialect) }
            guard let number = try site.compiler.target(of: reference, from: site)?.number else { return nil }
            return { value, run in _ = run.apply(number, value) }
        },
        SchemaKeyword("$dynamicRef", ["core"], only: .twenty) { site in
            let reference = try site.text()
            guard let (number, anchor) = try site.compiler.target(of: reference, from: site) else { return nil }
            return { value, run in _ = run.apply(anchor.flatMap { run.dynamicTarget($0) } ?? number, value) }
        },
        SchemaKeyword("$defs", ["core"]) { site in
            _ = try site.namedNodes()
            return nil
        },
        SchemaKeyword("definitions", ["core"]) { site in
            _ = try site.namedNodes()
            return nil
        },
        SchemaKeyword("$anchor", ["core"], only: .twenty) {
            _ = try $0.text()
            return nil
        },
        SchemaKeyword("$id", ["core"]) {
            _ = try $0.text()
            return nil
        },
    ]

    /// A reference to a draft itself asks whether a value is a schema: whether it compiles says just that.
    private static func metaschema(_ dialect: JSONSchema.Dialect) -> SchemaCheck {
        { value, run in
            guard let fault = SchemaCompiler.shapeFault(value, dialect: dialect) else { return }
            run.fail("$ref", "is not a JSON Schema: \(fault.message)")
        }
    }
}

extension SchemaKeyword {
    private static let logic = [
        SchemaKeyword("allOf", ["applicator"]) { site in
            let numbers = try site.nodes()
            return { value, run in for number in numbers { _ = run.apply(number, value) } }
        },
        SchemaKeyword("anyOf", ["applicator"]) { site in
            let numbers = try site.nodes()
            return { value, run in
                let trials = numbers.map { run.trial($0, value) }
                guard !trials.contains(where: \.fits) else { return }
                run.fail("anyOf", "fits none of the \(numbers.count) alternatives\(reasons(trials))")
            }
        },
        SchemaKeyword("oneOf", ["applicator"]) { site in
            let numbers = try site.nodes()
            return { value, run in
                let trials = numbers.map { run.trial($0, value) }
                switch trials.count(where: \.fits) {
                case 1: return
                case 0: run.fail("oneOf", "fits none of the \(numbers.count) alternatives\(reasons(trials))")
                case let count: run.fail("oneOf", "fits \(count) alternatives at once; exactly one is asked for")
                }
            }
        },
        SchemaKeyword("not", ["applicator"]) { site in
            let number = site.node()
            return { value, run in
                let looked = run.evaluated
                if run.trial(number, value).fits { run.fail("not", "fits what is excluded here") }
                run.evaluated = looked
            }
        },
        SchemaKeyword("if", ["applicator"]) { site in
            let condition = site.node()
            let then = site.schema["then"].map { _ in site.node("then") }
            let otherwise = site.schema["else"].map { _ in site.node("else") }
            return { value, run in
                let branch = run.trial(condition, value).fits ? then : otherwise
                if let branch { _ = run.apply(branch, value) }
            }
        },
        // Compiled for their shape alone: `if` applies them.
        SchemaKeyword("then", ["applicator"]) {
            _ = $0.node()
            return nil
        },
        SchemaKeyword("else", ["applicator"]) {
            _ = $0.node()
            return nil
        },
    ]

    private static func reasons(_ trials: [(fits: Bool, reason: String?)]) -> String {
        let reasons = trials.prefix(3).compactMap(\.reason)
        return reasons.isEmpty ? "" : ": " + reasons.joined(separator: ", or ")
    }
}

// SPDX-License-Identifier: Apache-2.0

extension SchemaKeyword {
    /// The keywords that apply schemas to the elements of an array.
    static let arrays = [
        SchemaKeyword("prefixItems", ["applicator"], only: .twenty) { tuple(try $0.nodes()) },
        SchemaKeyword("items", ["applicator"]) { site in
            if site.context.dialect.draft == .seven, let list = site.value.array {
                return tuple(list.indices.map { site.node("items", String($0)) })
            }
            let isAfterPrefix = site.context.dialect.draft == .twenty
            return rest(site.node(), from: isAfterPrefix ? site.schema["prefixItems"]?.array?.count ?? 0 : 0)
        },
        SchemaKeyword("additionalItems", ["applicator"], only: .seven) { site in
            let node = site.node()
            return (site.schema["items"]?.array?.count).map { rest(node, from: $0) }
        },
        SchemaKeyword("contains", ["applicator"]) { site in
            let node = site.node()
            let least = site.count(beside: "minContains") ?? 1
            let most = site.count(beside: "maxContains") ?? .max
            return { value, run in
                guard let array = value.array else { return }
                let found = array.indices.filter { run.fits(node, String($0), array[$0]) }
                if run.schema.recordsEvaluated { run.evaluated.items.formUnion(found) }
                if found.count < least { run.fail("contains", "must list \(least) or more items of a kind it lacks") }
                if found.count > most { run.fail("maxContains", "must not list more than \(most) items of one kind") }
            }
        },
        // Looked at by `contains`; here only their shape is checked.
        SchemaKeyword("minContains", ["validation"], only: .twenty) {
            _ = try $0.count()
            return nil
        },
        SchemaKeyword("maxContains", ["validation"], only: .twenty) {
            _ = try $0.count()
            return nil
        },
    ]

    private static func tuple(_ nodes: [Int]) -> SchemaCheck {
        { value, run in
            guard let array = value.array else { return }
            for (index, (node, element)) in zip(nodes, array).enumerated() { run.descend(node, String(index), element) }
            run.evaluated.itemsBelow = max(run.evaluated.itemsBelow, min(nodes.count, array.count))
        }
    }

    private static func rest(_ node: Int, from start: Int) -> SchemaCheck {
        { value, run in
            guard let array = value.array else { return }
            for index in array.indices.dropFirst(start) { run.descend(node, String(index), array[index]) }
            run.evaluated.itemsBelow = max(run.evaluated.itemsBelow, array.count)
        }
    }

    /// The keywords that apply to whatever no other keyword looked at; they come last.
    static let unevaluated = [
        SchemaKeyword("unevaluatedItems", ["unevaluated"], only: .twenty) { site in
            let node = site.node()
            site.compiler.recordsEvaluated = true
            return { value, run in
                guard let array = value.array else { return }
                for index in array.indices.dropFirst(run.evaluated.itemsBelow)
                where !run.evaluated.items.contains(index) {
                    run.descend(node, String(index), array[index])
                }
                run.evaluated.itemsBelow = array.count
            }
        },
        SchemaKeyword("unevaluatedProperties", ["unevaluated"], only: .twenty) { site in
            let node = site.node()
            site.compiler.recordsEvaluated = true
            return { value, run in
                guard let object = value.object else { return }
                for place in object.members.indices where !run.evaluated.members.contains(place) {
                    run.descend(node, member: place, of: object)
                }
            }
        },
    ]
}

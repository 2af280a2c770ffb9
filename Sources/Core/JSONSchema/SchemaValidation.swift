// SPDX-License-Identifier: Apache-2.0

extension SchemaKeyword {
    /// The keywords that look at a value by itself.
    static let validation = general + numbers + strings + counts + presence

    private static let general = [
        SchemaKeyword("type", ["validation"]) { site in
            let names = try site.value.string.map { [$0] } ?? site.names()
            let types = try names.map {
                guard let type = SchemaType(rawValue: $0) else { throw site.fault("names no type: \(quoted($0))") }
                return type
            }
            guard !types.isEmpty else { throw site.fault("must name a type") }
            return { value, run in
                guard !types.contains(where: { $0.contains(value) }) else { return }
                run.fail("type", "must be \(names.joined(separator: " or "))")
            }
        },
        SchemaKeyword("enum", ["validation"]) { site in
            guard let values = site.value.array else { throw site.fault("must be a list") }
            let allowed = Set(values)
            let shown = values.prefix(12).map { quotedValue($0) }.joined(separator: ", ")
            return { value, run in
                if !allowed.contains(value) { run.fail("enum", "must be one of \(shown), not \(quotedValue(value))") }
            }
        },
        SchemaKeyword("const", ["validation"]) { site in
            let expected = site.value
            return { value, run in
                guard value != expected else { return }
                run.fail("const", "must be \(quotedValue(expected)), not \(quotedValue(value))")
            }
        },
    ]

    private static let strings = [
        SchemaKeyword("pattern", ["validation"]) { site in
            let pattern = try site.compiler.pattern(try site.text())
            return { value, run in
                guard let text = value.string, !run.matches(pattern, text, keyword: "pattern") else { return }
                run.fail("pattern", "must match \(quoted(pattern.source)), which \(quoted(text)) does not")
            }
        },
        SchemaKeyword("format", ["format-annotation", "format-assertion"]) { site in
            let name = try site.text()
            let isPromised = site.context.dialect.vocabularies.contains("format-assertion")
            guard isPromised || site.compiler.assertsFormats, let format = try SchemaFormat(name) else { return nil }
            return { value, run in
                guard let text = value.string, !run.matches(format, text) else { return }
                run.fail("format", "must be a valid \(name), which \(quoted(text)) is not")
            }
        },
    ]

    private static let counts = [
        count("minLength", of: "characters", "must have at least", { $0.string?.unicodeScalars.count }, holds: >=),
        count("maxLength", of: "characters", "must have at most", { $0.string?.unicodeScalars.count }, holds: <=),
        count("minItems", of: "items", "must have at least", { $0.array?.count }, holds: >=),
        count("maxItems", of: "items", "must have at most", { $0.array?.count }, holds: <=),
        count("minProperties", of: "members", "must have at least", { $0.object?.count }, holds: >=),
        count("maxProperties", of: "members", "must have at most", { $0.object?.count }, holds: <=),
        SchemaKeyword("uniqueItems", ["validation"]) { site in
            guard let isAsked = site.value.boolean else { throw site.fault("must be true or false") }
            guard isAsked else { return nil }
            return {
                guard let array = $0.array, Set(array).count < array.count else { return }
                $1.fail("uniqueItems", "must not list the same value twice")
            }
        },
    ]

    private static let presence = [
        SchemaKeyword("required", ["validation"]) { site in
            let names = try site.names()
            return { value, run in
                guard let object = value.object else { return }
                for name in names where object[name] == nil { run.fail("required", "has no member \(quoted(name))") }
            }
        },
        SchemaKeyword("dependentRequired", ["validation"], only: .twenty) { site in
            let needs = try site.object().members.map { ($0.key, try site.names(of: $0.value)) }
            return { value, run in
                for (name, needed) in needs { run.needs(needed, because: name, in: value, "dependentRequired") }
            }
        },
    ]

    private static func count(
        _ name: String, of what: String, _ sentence: String, _ counted: @escaping @Sendable (JSONValue) -> Int?,
        holds: @escaping @Sendable (Int, Int) -> Bool
    ) -> SchemaKeyword {
        SchemaKeyword(name, ["validation"]) { site in
            let limit = try site.count()
            return { value, run in
                guard let count = counted(value), !holds(count, limit) else { return }
                run.fail(name, "\(sentence) \(limit) \(what), not \(count)")
            }
        }
    }
}

extension SchemaEvaluation {
    mutating func needs(_ names: [String], because name: String, in value: JSONValue, _ keyword: String) {
        guard let object = value.object, object[name] != nil else { return }
        for needed in names where object[needed] == nil {
            fail(keyword, "has \(quoted(name)) and so needs the member \(quoted(needed))")
        }
    }
}

/// The value as it is shown in messages: never more than a line.
func quotedValue(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): quoted(text)
    case .array: "a list"
    case .object: "an object"
    default: value.text
    }
}

// SPDX-License-Identifier: Apache-2.0

extension JSONSchema {
    /// Which keywords a schema document may use and what they mean.
    public struct Dialect: Sendable, Hashable {
        let draft: Draft
        let vocabularies: Set<String>

        /// JSON Schema draft-07, which CNM is written in.
        public static let draft7 = Dialect(draft: .seven, vocabularies: Set(Self.standard + ["draft-7"]))
        /// JSON Schema 2020-12.
        public static let draft2020 = Dialect(draft: .twenty, vocabularies: Set(Self.standard + ["unevaluated"]))

        enum Draft { case seven, twenty }

        static let standard = ["core", "applicator", "validation", "meta-data", "format-annotation", "content"]
        static let draft7URI = "http://json-schema.org/draft-07/schema"
        static let draft2020URI = "https://json-schema.org/draft/2020-12/schema"
        private static let vocabularyPrefix = "https://json-schema.org/draft/2020-12/vocab/"
    }
}

extension JSONSchema.Dialect {
    /// The dialect that `$schema` names, nil when it is neither draft itself.
    init?(uri: String) {
        switch URIReference(uri).document {
        case Self.draft7URI: self = .draft7
        case Self.draft2020URI: self = .draft2020
        default: return nil
        }
    }

    /// The dialect that a metaschema of somebody's own describes by its `$vocabulary`.
    init(metaschema: JSONValue, named uri: String) throws {
        guard let base = metaschema["$schema"]?.string.flatMap(Self.init(uri:)) else {
            throw SchemaCompiler.invalid("its dialect \(quoted(uri)) is not built on draft 7 or 2020-12", at: "")
        }
        guard let listed = metaschema["$vocabulary"]?.object else {
            self = base
            return
        }
        var known: Set<String> = ["core"]
        for (vocabulary, isRequired) in listed.members {
            let name = String(vocabulary.dropFirst(Self.vocabularyPrefix.count))
            let isKnown =
                vocabulary.hasPrefix(Self.vocabularyPrefix)
                && (Self.draft2020.vocabularies.contains(name) || name == "format-assertion")
            if isKnown { known.insert(name) }
            guard isKnown || isRequired == false else {
                let reason = "its dialect needs the vocabulary \(quoted(vocabulary)), unknown here"
                throw SchemaCompiler.invalid(reason, at: "")
            }
        }
        self.init(draft: base.draft, vocabularies: known)
    }
}

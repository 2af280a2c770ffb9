// SPDX-License-Identifier: Apache-2.0

/// One validation under way: where it is in the value, and what it found.
struct SchemaEvaluation {
    let schema: JSONSchema
    private var path = JSONPointer()
    /// The schema resources entered on the way here, outermost first.
    private var scope: [String] = []
    private var depth = 0
    private var failures = 0
    private var violations: [JSONSchema.Violation] = []
    /// Set when a bound was hit. Kept apart from the violations because `not` must not turn it into a pass.
    private var exhaustion: JSONSchema.Violation?
    /// What the keywords of the current schema have looked at, for `unevaluatedItems` and `unevaluatedProperties`.
    var evaluated = Evaluated()

    /// How deep schemas may apply schemas; a value nests at most a quarter of that.
    static let deepest = 256

    struct Evaluated {
        var members: Set<Int> = []
        var items: Set<Int> = []
        var itemsBelow = 0

        mutating func formUnion(_ other: Evaluated) {
            members.formUnion(other.members)
            items.formUnion(other.items)
            itemsBelow = max(itemsBelow, other.itemsBelow)
        }
    }

    init(schema: JSONSchema) { self.schema = schema }

    var result: [JSONSchema.Violation] { exhaustion.map { violations + [$0] } ?? violations }

    mutating func fail(_ keyword: String, _ sentence: @autoclosure () -> String) {
        failures += 1
        guard violations.count < JSONSchema.mostViolations else { return }
        violations.append(.init(pointer: path.description, keyword: keyword, sentence: sentence()))
    }

    /// Gives up on this value: it is neither valid nor invalid, and is reported as invalid.
    mutating func exhaust(_ keyword: String, _ sentence: String) {
        guard exhaustion == nil else { return }
        exhaustion = .init(pointer: path.description, keyword: keyword, sentence: sentence)
    }

    /// Applies a schema to the value at hand; what it looked at counts here only if the value fits.
    mutating func apply(_ number: Int, _ value: JSONValue) -> Bool {
        guard exhaustion == nil else { return true }
        guard depth < Self.deepest else {
            exhaust("$ref", "cannot be judged: the schema applies itself more than \(Self.deepest) levels deep")
            return true
        }
        let node = schema.nodes[number]
        let entersResource = scope.last != node.resource
        if entersResource { scope.append(node.resource) }
        depth += 1
        defer {
            depth -= 1
            if entersResource { scope.removeLast() }
        }
        return run(node, value)
    }

    private mutating func run(_ node: SchemaNode, _ value: JSONValue) -> Bool {
        let before = (failures, evaluated)
        evaluated = Evaluated()
        for check in node.checks { check(value, &self) }
        let fits = failures == before.0
        if fits, schema.recordsEvaluated { evaluated.formUnion(before.1) } else { evaluated = before.1 }
        return fits
    }

    /// Applies a schema without a trace of what is wrong; the first reason is returned instead.
    mutating func trial(_ number: Int, _ value: JSONValue) -> (fits: Bool, reason: String?) {
        let (before, listed) = (failures, violations)
        violations = []
        let fits = apply(number, value)
        let reason = violations.first?.description
        (failures, violations) = (before, listed)
        return (fits, reason)
    }

    /// Applies a schema to an element or member of the value.
    mutating func descend(_ number: Int, _ token: String, _ value: JSONValue) {
        inside(token) { _ = $0.apply(number, value) }
    }

    /// Tries a schema on an element or member of the value.
    mutating func fits(_ number: Int, _ token: String, _ value: JSONValue) -> Bool {
        var fits = false
        inside(token) { fits = $0.trial(number, value).fits }
        return fits
    }

    private mutating func inside(_ token: String, _ body: (inout SchemaEvaluation) -> Void) {
        let before = evaluated
        path.tokens.append(token)
        body(&self)
        path.tokens.removeLast()
        evaluated = before
    }

    /// The node a dynamic reference means here: the outermost resource on the way that has such an anchor decides.
    func dynamicTarget(_ anchor: String) -> Int? {
        scope.lazy.compactMap { schema.dynamicAnchors[SchemaAnchor(resource: $0, name: anchor)] }.first
    }

    mutating func matches(_ pattern: Pattern, _ text: String, keyword: String) -> Bool {
        do { return try pattern.match(text) != nil } catch {
            exhaust(keyword, "cannot be judged: the pattern \(quoted(pattern.source)) took too long on it")
            return true
        }
    }
}

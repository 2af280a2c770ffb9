// SPDX-License-Identifier: Apache-2.0

/// The types that `type` can name.
enum SchemaType: String {
    case null, boolean, object, array, number, string, integer

    func contains(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.null, .null), (.boolean, .boolean), (.object, .object), (.array, .array), (.string, .string): true
        case (.number, .integer), (.number, .number), (.integer, .integer): true
        case (.integer, .number(let number)): number == number.rounded(.towardZero)
        default: false
        }
    }
}

extension SchemaKeyword {
    static let numbers = [
        bound("minimum", "must be at least") { $0 >= $1 },
        bound("exclusiveMinimum", "must be more than") { $0 > $1 },
        bound("maximum", "must be at most") { $0 <= $1 },
        bound("exclusiveMaximum", "must be less than") { $0 < $1 },
        SchemaKeyword("multipleOf", ["validation"]) { site in
            let divisor = try site.number()
            guard let size = divisor.number, size > 0 else { throw site.fault("must be more than zero") }
            return { value, run in
                guard value.number != nil, !value.isMultiple(of: divisor) else { return }
                run.fail("multipleOf", "must be a multiple of \(divisor.text)")
            }
        },
    ]

    private static func bound(
        _ name: String, _ sentence: String, holds: @escaping @Sendable (SchemaNumber, SchemaNumber) -> Bool
    ) -> SchemaKeyword {
        SchemaKeyword(name, ["validation"]) { site in
            let limit = try site.number()
            guard let bound = SchemaNumber(limit) else { return nil }
            return { value, run in
                guard let number = SchemaNumber(value), !holds(number, bound) else { return }
                run.fail(name, "\(sentence) \(limit.text), not \(value.text)")
            }
        }
    }
}

/// A number that is compared exactly: two whole numbers as such, anything else as doubles.
struct SchemaNumber: Comparable {
    private let whole: Int64?
    private let value: Double

    init?(_ json: JSONValue) {
        guard let number = json.number else { return nil }
        value = number
        whole = json.integer
    }

    static func == (left: SchemaNumber, right: SchemaNumber) -> Bool { !(left < right) && !(right < left) }

    static func < (left: SchemaNumber, right: SchemaNumber) -> Bool {
        if let left = left.whole, let right = right.whole { return left < right }
        return left.value < right.value
    }
}

extension JSONValue {
    fileprivate func isMultiple(of divisor: JSONValue) -> Bool {
        if let number = integer, let divisor = divisor.integer { return number.isMultiple(of: divisor) }
        guard let number, let divisor = divisor.number else { return true }
        let quotient = number / divisor
        guard quotient.isFinite else { return number.truncatingRemainder(dividingBy: divisor) == 0 }
        // 0.0075 is meant to be a multiple of 0.0001 although neither is exact in binary.
        return abs(quotient - quotient.rounded()) <= quotient.ulp
    }
}

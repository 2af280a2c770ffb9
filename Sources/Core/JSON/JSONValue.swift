// SPDX-License-Identifier: Apache-2.0

/// A JSON value as it was written: members keep their order, and whole numbers that fit keep all their digits.
///
/// Equality is JSON's, not Swift's: `1` equals `1.0`, the order of members does not matter, and text is compared by its
/// bytes, so that two spellings of the same accented letter stay two values.
public enum JSONValue: Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// A number with a fraction or an exponent, or a whole one beyond `Int64`.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// True for `null`; each of the next five is nil when the value is of another kind.
    public var isNull: Bool { self == .null }

    public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

    public var string: String? { if case .string(let value) = self { value } else { nil } }

    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

    /// The number as a whole one: `1.0` counts as 1; `1.5` and numbers beyond `Int64` are nil.
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// The number as a `Double`; whole numbers beyond 2⁵³ are rounded.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The member of an object, or nil when there is none or this is no object.
    ///
    /// Assigning adds the member at the end or replaces its value in place; assigning nil removes it; assigning to
    /// `null` first makes it an object, and on any other kind of value does nothing.
    public subscript(key: String) -> JSONValue? {
        get { object?[key] }
        set {
            guard var members = isNull ? JSONObject() : object else { return }
            self = .null  // so that `members` is the only owner and is changed in place
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The element of an array, or nil outside its bounds or when this is no array.
    public subscript(index: Int) -> JSONValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// A key written twice keeps its first place and its last value.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}

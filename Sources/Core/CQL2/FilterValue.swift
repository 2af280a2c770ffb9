// SPDX-License-Identifier: Apache-2.0

/// The value of one property, as a filter sees it.
public enum FilterValue: Sendable, Hashable {
    case string(String)
    case integer(Int64)
    /// NaN counts as no value, as SQL databases hold it.
    case number(Double)
    case boolean(Bool)
    /// Microseconds since 1970-01-01T00:00:00Z.
    case timestamp(Int64)
    /// Half-open, in microseconds like a timestamp; an end that is not known is nil.
    case interval(start: Int64?, end: Int64?)
    /// Degrees; west is greater than east when the box crosses the antimeridian.
    case box(west: Double, south: Double, east: Double, north: Double)
}

/// A thing that a filter can look at.
public protocol FilterProperties {
    /// The value of the property, or nil when the thing has none.
    func value(of property: String) -> FilterValue?
}

extension [String: FilterValue]: FilterProperties {
    public func value(of property: String) -> FilterValue? { self[property] }
}

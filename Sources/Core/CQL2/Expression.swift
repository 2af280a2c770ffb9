// SPDX-License-Identifier: Apache-2.0

extension Filter {
    /// A parsed filter, in the standard's words.
    public indirect enum Expression: Sendable, Hashable {
        case property(String)
        case text(String)
        case integer(Int64)
        case number(Double)
        case boolean(Bool)
        case instant(Instant)
        case interval(Bound, Bound)
        case geometry(Geometry)
        case array([Expression])
        /// A function that the standard does not define; its name keeps its case.
        case call(String, [Expression])
        case folded(Folding, Expression)
        case arithmetic(Arithmetic, Expression, Expression)

        case comparison(Comparison, Expression, Expression)
        case like(Expression, pattern: Expression)
        case between(Expression, lower: Expression, upper: Expression)
        case among(Expression, [Expression])
        case isNull(Expression)
        case spatial(SpatialRelation, Expression, Expression)
        case temporal(TemporalRelation, Expression, Expression)
        case arrays(ArrayRelation, Expression, Expression)

        case and([Expression])
        case or([Expression])
        case not(Expression)
    }

    /// A calendar day or a point in time, both UTC.
    public enum Instant: Sendable, Hashable {
        /// Days since 1970-01-01.
        case date(Int64)
        /// Microseconds since 1970-01-01T00:00:00Z.
        case timestamp(Int64)
    }

    /// One end of an interval: open (`'..'`), or an instant, a property or a function.
    public enum Bound: Sendable, Hashable {
        case open
        case at(Expression)
    }

    /// What a comparison of texts overlooks.
    public enum Folding: String, Sendable, Hashable {
        case casei, accenti
    }

    /// The operators of arithmetic, as they are written.
    public enum Arithmetic: String, Sendable, Hashable, CaseIterable {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divide = "/"
        case remainder = "%"
        case integerDivide = "div"
        case power = "^"
    }

    /// The operators of comparison, as they are written.
    public enum Comparison: String, Sendable, Hashable, CaseIterable {
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case greater = ">"
        case lessOrEqual = "<="
        case greaterOrEqual = ">="

        /// The comparison that holds with its sides exchanged.
        var mirrored: Comparison {
            switch self {
            case .equal, .notEqual: self
            case .less: .greater
            case .greater: .less
            case .lessOrEqual: .greaterOrEqual
            case .greaterOrEqual: .lessOrEqual
            }
        }
    }

    /// How two geometries lie to each other; here and below the raw values are the names in CQL2-JSON.
    public enum SpatialRelation: String, Sendable, Hashable, CaseIterable {
        case intersects = "s_intersects"
        case equals = "s_equals"
        case disjoint = "s_disjoint"
        case touches = "s_touches"
        case within = "s_within"
        case overlaps = "s_overlaps"
        case crosses = "s_crosses"
        case contains = "s_contains"
    }

    /// How two instants or intervals lie to each other.
    public enum TemporalRelation: String, Sendable, Hashable, CaseIterable {
        case after = "t_after"
        case before = "t_before"
        case contains = "t_contains"
        case disjoint = "t_disjoint"
        case during = "t_during"
        case equals = "t_equals"
        case finishedBy = "t_finishedBy"
        case finishes = "t_finishes"
        case intersects = "t_intersects"
        case meets = "t_meets"
        case metBy = "t_metBy"
        case overlappedBy = "t_overlappedBy"
        case overlaps = "t_overlaps"
        case startedBy = "t_startedBy"
        case starts = "t_starts"
    }

    /// How the elements of two arrays compare.
    public enum ArrayRelation: String, Sendable, Hashable, CaseIterable {
        case equals = "a_equals"
        case contains = "a_contains"
        case containedBy = "a_containedBy"
        case overlaps = "a_overlaps"
    }

    /// A geometry as CQL2 text spells it: well-known text, or `BBOX`. A position is x, y and perhaps z.
    public enum Geometry: Sendable, Hashable {
        /// x, y and perhaps z: longitude and latitude in degrees.
        public typealias Position = [Double]

        case point(Position)
        case lineString([Position])
        case polygon([[Position]])
        case multiPoint([Position])
        case multiLineString([[Position]])
        case multiPolygon([[[Position]]])
        case collection([Geometry])
        /// Four numbers (west, south, east, north) or six (with the lowest and highest elevation third and last).
        case box([Double])
    }
}

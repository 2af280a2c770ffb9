// SPDX-License-Identifier: Apache-2.0

extension FilterLowering {
    /// A comparison, in which a DATE is the whole day.
    static func compare(
        _ comparison: Filter.Comparison, _ left: Filter.Expression, _ right: Filter.Expression
    ) throws(GranaryError) -> FilterCondition {
        if case .instant(.date(let day)) = right { return compare(comparison, try term(left), withDay: day) }
        if case .instant(.date(let day)) = left { return compare(comparison.mirrored, try term(right), withDay: day) }
        return .compare(comparison, try term(left), try term(right))
    }

    private static func compare(
        _ comparison: Filter.Comparison, _ time: FilterTerm, withDay day: Int64
    ) -> FilterCondition {
        let start = FilterTerm.constant(.timestamp(Filter.Instant.date(day).start))
        let end = FilterTerm.constant(.timestamp(Filter.Instant.date(day).end))
        return switch comparison {
        case .equal: .all([.compare(.greaterOrEqual, time, start), .compare(.less, time, end)])
        case .notEqual: .any([.compare(.less, time, start), .compare(.greaterOrEqual, time, end)])
        case .less: .compare(.less, time, start)
        case .lessOrEqual: .compare(.less, time, end)
        case .greater: .compare(.greaterOrEqual, time, end)
        case .greaterOrEqual: .compare(.greaterOrEqual, time, start)
        }
    }

    /// Allen's relations over half-open intervals, where an instant begins and ends at itself.
    ///
    /// Before, after and intersecting exclude one another and leave nothing out: an interval that ends where another
    /// begins shares no instant with it, so it is before (and also meets it).
    static func temporal(
        _ relation: Filter.TemporalRelation, _ left: Filter.Expression, _ right: Filter.Expression
    ) throws(GranaryError) -> FilterCondition {
        let a = try span(left)
        let b = try span(right)
        return switch relation {
        case .before: before(a, b)
        case .after: before(b, a)
        case .intersects: intersects(a, b)
        case .disjoint: .not(intersects(a, b))
        case .equals: .all([equal(a.start, b.start), equal(a.end, b.end)])
        case .contains: .all([less(a.start, b.start), less(b.end, a.end)])
        case .during: .all([less(b.start, a.start), less(a.end, b.end)])
        case .starts: .all([equal(a.start, b.start), less(a.end, b.end)])
        case .startedBy: .all([equal(a.start, b.start), less(b.end, a.end)])
        case .finishes: .all([less(b.start, a.start), equal(a.end, b.end)])
        case .finishedBy: .all([less(a.start, b.start), equal(a.end, b.end)])
        case .meets: equal(a.end, b.start)
        case .metBy: equal(b.end, a.start)
        case .overlaps: overlaps(a, b)
        case .overlappedBy: overlaps(b, a)
        }
    }

    private struct Span {
        let start: FilterTerm
        let end: FilterTerm
    }

    private static func span(_ expression: Filter.Expression) throws(GranaryError) -> Span {
        switch expression {
        case .property(let name): Span(start: .property(name, .start), end: .property(name, .end))
        case .instant(let instant):
            Span(start: .constant(.timestamp(instant.start)), end: .constant(.timestamp(instant.end)))
        case .interval(let start, let end):
            Span(start: try bound(start, isEnd: false), end: try bound(end, isEnd: true))
        default: Span(start: try term(expression), end: try term(expression))
        }
    }

    private static func bound(_ bound: Filter.Bound, isEnd: Bool) throws(GranaryError) -> FilterTerm {
        switch bound {
        case .open: .constant(.timestamp(isEnd ? .max : .min))
        case .at(.instant(let instant)): .constant(.timestamp(isEnd ? instant.end : instant.start))
        case .at(let expression): try term(expression)
        }
    }

    private static func less(_ left: FilterTerm, _ right: FilterTerm) -> FilterCondition {
        .compare(.less, left, right)
    }
    private static func equal(_ left: FilterTerm, _ right: FilterTerm) -> FilterCondition {
        .compare(.equal, left, right)
    }

    private static func before(_ a: Span, _ b: Span) -> FilterCondition {
        .all([.compare(.lessOrEqual, a.end, b.start), less(a.start, b.start)])
    }

    /// The equality of starts is for instants, which are over as soon as they begin.
    private static func intersects(_ a: Span, _ b: Span) -> FilterCondition {
        .any([equal(a.start, b.start), .all([less(a.start, b.end), less(b.start, a.end)])])
    }

    private static func overlaps(_ a: Span, _ b: Span) -> FilterCondition {
        .all([less(a.start, b.start), less(b.start, a.end), less(a.end, b.end)])
    }
}

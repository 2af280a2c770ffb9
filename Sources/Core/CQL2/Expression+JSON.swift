// SPDX-License-Identifier: Apache-2.0

extension Filter.Expression {
    /// The CQL2-JSON of the expression.
    var json: JSONValue {
        switch self {
        case .property(let name): .object(JSONObject([("property", .string(name))]))
        case .text(let text): .string(text)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .boolean(let value): .boolean(value)
        case .instant(.date(let day)): .object(JSONObject([("date", .string(CalendarTime.text(day: day)))]))
        case .instant(.timestamp(let time)):
            .object(JSONObject([("timestamp", .string(CalendarTime.text(microseconds: time)))]))
        case .interval(let start, let end):
            .object(JSONObject([("interval", .array([start.json, end.json]))]))
        case .geometry(let geometry): geometry.json
        case .array(let elements): .array(elements.map(\.json))
        case .call(let name, let arguments): operation(name, arguments)
        case .folded(let folding, let text): operation(folding.rawValue, [text])
        case .arithmetic(let symbol, let left, let right): operation(symbol.rawValue, [left, right])
        case .comparison(let symbol, let left, let right): operation(symbol.rawValue, [left, right])
        case .like(let text, let pattern): operation("like", [text, pattern])
        case .between(let value, let lower, let upper): operation("between", [value, lower, upper])
        case .among(let value, let list): operation("in", [value, .array(list)])
        case .isNull(let value): operation("isNull", [value])
        case .spatial(let relation, let left, let right): operation(relation.rawValue, [left, right])
        case .temporal(let relation, let left, let right): operation(relation.rawValue, [left, right])
        case .arrays(let relation, let left, let right): operation(relation.rawValue, [left, right])
        case .and(let conditions): operation("and", conditions)
        case .or(let conditions): operation("or", conditions)
        case .not(let condition): operation("not", [condition])
        }
    }

    private func operation(_ name: String, _ arguments: [Filter.Expression]) -> JSONValue {
        .object(JSONObject([("op", .string(name)), ("args", .array(arguments.map(\.json)))]))
    }
}

extension Filter.Bound {
    /// Within an interval, instants are plain texts.
    fileprivate var json: JSONValue {
        switch self {
        case .open: .string("..")
        case .at(.instant(.date(let day))): .string(CalendarTime.text(day: day))
        case .at(.instant(.timestamp(let time))): .string(CalendarTime.text(microseconds: time))
        case .at(let expression): expression.json
        }
    }
}

extension Filter.Geometry {
    /// GeoJSON, but for a box, which is CQL2's own.
    fileprivate var json: JSONValue {
        switch self {
        case .point(let position): object("Point", numbers(position))
        case .lineString(let line): object("LineString", nested(line))
        case .polygon(let rings): object("Polygon", .array(rings.map(nested)))
        case .multiPoint(let points): object("MultiPoint", nested(points))
        case .multiLineString(let lines): object("MultiLineString", .array(lines.map(nested)))
        case .multiPolygon(let polygons):
            object("MultiPolygon", .array(polygons.map { .array($0.map(nested)) }))
        case .collection(let members):
            .object(
                JSONObject([
                    ("type", .string("GeometryCollection")), ("geometries", .array(members.map(\.json))),
                ]))
        case .box(let sides): .object(JSONObject([("bbox", numbers(sides))]))
        }
    }

    private func object(_ type: String, _ coordinates: JSONValue) -> JSONValue {
        .object(JSONObject([("type", .string(type)), ("coordinates", coordinates)]))
    }

    private func nested(_ positions: [Position]) -> JSONValue { .array(positions.map(numbers)) }
}

/// The coordinates of one position, or the numbers of a box.
private func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }

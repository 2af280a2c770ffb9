// SPDX-License-Identifier: Apache-2.0

extension Filter.Expression {
    /// The CQL2-JSON of the expression.
    var json: String {
        switch self {
        case .property(let name): FilterJSON.object([("property", FilterJSON.text(name))])
        case .text(let text): FilterJSON.text(text)
        case .integer(let value): String(value)
        case .number(let value): FilterJSON.number(value)
        case .boolean(let value): String(value)
        case .instant(.date(let day)): FilterJSON.object([("date", FilterJSON.text(CalendarTime.text(day: day)))])
        case .instant(.timestamp(let time)):
            FilterJSON.object([("timestamp", FilterJSON.text(CalendarTime.text(microseconds: time)))])
        case .interval(let start, let end):
            FilterJSON.object([("interval", FilterJSON.array([start.json, end.json]))])
        case .geometry(let geometry): geometry.json
        case .array(let elements): FilterJSON.array(elements.map(\.json))
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

    private func operation(_ name: String, _ arguments: [Filter.Expression]) -> String {
        FilterJSON.object([("op", FilterJSON.text(name)), ("args", FilterJSON.array(arguments.map(\.json)))])
    }
}

extension Filter.Bound {
    /// Within an interval, instants are plain texts.
    fileprivate var json: String {
        switch self {
        case .open: FilterJSON.text("..")
        case .at(.instant(.date(let day))): FilterJSON.text(CalendarTime.text(day: day))
        case .at(.instant(.timestamp(let time))): FilterJSON.text(CalendarTime.text(microseconds: time))
        case .at(let expression): expression.json
        }
    }
}

extension Filter.Geometry {
    /// GeoJSON, but for a box, which is CQL2's own.
    fileprivate var json: String {
        switch self {
        case .point(let position): object("Point", FilterJSON.numbers(position))
        case .lineString(let line): object("LineString", nested(line))
        case .polygon(let rings): object("Polygon", FilterJSON.array(rings.map(nested)))
        case .multiPoint(let points): object("MultiPoint", nested(points))
        case .multiLineString(let lines): object("MultiLineString", FilterJSON.array(lines.map(nested)))
        case .multiPolygon(let polygons):
            object("MultiPolygon", FilterJSON.array(polygons.map { FilterJSON.array($0.map(nested)) }))
        case .collection(let members):
            FilterJSON.object([
                ("type", FilterJSON.text("GeometryCollection")), ("geometries", FilterJSON.array(members.map(\.json))),
            ])
        case .box(let numbers): FilterJSON.object([("bbox", FilterJSON.numbers(numbers))])
        }
    }

    private func object(_ type: String, _ coordinates: String) -> String {
        FilterJSON.object([("type", FilterJSON.text(type)), ("coordinates", coordinates)])
    }

    private func nested(_ positions: [Position]) -> String { FilterJSON.array(positions.map(FilterJSON.numbers)) }
}

/// Just enough of a JSON writer for filters.
private enum FilterJSON {
    static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(text($0)):\($1)" }.joined(separator: ",") + "}"
    }

    static func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }
    static func numbers(_ values: [Double]) -> String { array(values.map(number)) }
    /// Swift prints the shortest digits that read back as the same number; the lexer lets no infinity in.
    static func number(_ value: Double) -> String { String(value) }

    static func text(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": json += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Geometries in well-known text, and BBOX.
extension FilterParser {
    /// The geometry that `keyword` begins, or nil when the current word begins none.
    mutating func taggedGeometry(_ keyword: String) throws(GranaryError) -> Filter.Geometry? {
        let hasTag = peek().keyword == "z" && keyword != "bbox"
        guard Filter.Geometry.keywords.contains(keyword), peek(hasTag ? 2 : 1).kind == .symbol("(") else { return nil }
        advance()
        if hasTag { advance() }
        return try geometry(keyword, dimensions: hasTag ? 3 : nil)
    }

    private mutating func geometry(_ keyword: String, dimensions: Int?) throws(GranaryError) -> Filter.Geometry {
        switch keyword {
        case "point":
            try need("(")
            let point = try position(dimensions)
            try need(")")
            return .point(point)
        case "linestring": return .lineString(try line(dimensions))
        case "polygon": return .polygon(try rings(dimensions))
        case "multipoint": return .multiPoint(try points(dimensions))
        case "multilinestring":
            return .multiLineString(try several { (parser) throws(GranaryError) in try parser.line(dimensions) })
        case "multipolygon":
            return .multiPolygon(try several { (parser) throws(GranaryError) in try parser.rings(dimensions) })
        case "bbox": return .box(try box())
        default: return .collection(try several { (parser) throws(GranaryError) in try parser.member() })
        }
    }

    /// A geometry within a collection; collections do not nest.
    private mutating func member() throws(GranaryError) -> Filter.Geometry {
        let start = current
        guard let keyword = current.keyword, let geometry = try taggedGeometry(keyword) else {
            throw expected("a geometry")
        }
        switch geometry {
        case .collection, .box: throw fault(at: start, "a \(geometry.keyword) cannot stand in a GEOMETRYCOLLECTION")
        default: return geometry
        }
    }

    /// One or more of a thing, separated by commas, in parentheses.
    private mutating func several<Thing>(
        _ read: (inout FilterParser) throws(GranaryError) -> Thing
    ) throws(GranaryError) -> [Thing] {
        try need("(")
        var things = [try read(&self)]
        while take(",") { things.append(try read(&self)) }
        guard take(")") else { throw expected("“,” or “)”") }
        return things
    }

    private mutating func line(_ dimensions: Int?) throws(GranaryError) -> [Filter.Geometry.Position] {
        try positions(dimensions, atLeast: 2, "a line")
    }

    private mutating func rings(_ dimensions: Int?) throws(GranaryError) -> [[Filter.Geometry.Position]] {
        try several { (parser) throws(GranaryError) in try parser.positions(dimensions, atLeast: 4, "a ring") }
    }

    private mutating func positions(
        _ dimensions: Int?, atLeast count: Int, _ what: String
    ) throws(GranaryError) -> [Filter.Geometry.Position] {
        let start = current
        let positions = try several { (parser) throws(GranaryError) in try parser.position(dimensions) }
        guard positions.count >= count else {
            throw fault(at: start, "\(what) has at least \(count) positions, this one has \(positions.count)")
        }
        return positions
    }

    /// The standard puts each point of a multipoint in parentheses; well-known text also allows none.
    private mutating func points(_ dimensions: Int?) throws(GranaryError) -> [Filter.Geometry.Position] {
        try several { (parser) throws(GranaryError) in
            guard parser.take("(") else { return try parser.position(dimensions) }
            let point = try parser.position(dimensions)
            try parser.need(")")
            return point
        }
    }

    /// Two or three numbers; `dimensions` of them when the geometry is tagged.
    private mutating func position(_ dimensions: Int?) throws(GranaryError) -> Filter.Geometry.Position {
        let start = current
        var position = [try coordinate(), try coordinate()]
        if let elevation = takeNumber() { position.append(elevation.double) }
        guard dimensions == nil || dimensions == position.count else {
            throw fault(at: start, "expected three coordinates after Z, found \(position.count)")
        }
        return position
    }

    private mutating func coordinate() throws(GranaryError) -> Double {
        guard let number = takeNumber() else { throw expected("a coordinate") }
        return number.double
    }

    private mutating func box() throws(GranaryError) -> [Double] {
        let start = current
        let numbers = try several { (parser) throws(GranaryError) in try parser.coordinate() }
        guard numbers.count == 4 || numbers.count == 6 else {
            throw fault(at: start, "BBOX has four or six numbers, this one has \(numbers.count)")
        }
        return numbers
    }
}

extension Filter.Expression {
    /// The value of a number, and zero for what is none.
    fileprivate var double: Double {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: 0
        }
    }
}

extension Filter.Geometry {
    static let keywords: Set<String> = [
        "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "bbox",
    ]

    /// The word that begins the geometry in text.
    var keyword: String {
        switch self {
        case .point: "POINT"
        case .lineString: "LINESTRING"
        case .polygon: "POLYGON"
        case .multiPoint: "MULTIPOINT"
        case .multiLineString: "MULTILINESTRING"
        case .multiPolygon: "MULTIPOLYGON"
        case .collection: "GEOMETRYCOLLECTION"
        case .box: "BBOX"
        }
    }
}

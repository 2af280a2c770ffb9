// SPDX-License-Identifier: Apache-2.0

extension FilterLowering {
    /// Whether a bounding box property meets a box or a point; borders count.
    static func spatial(
        _ relation: Filter.SpatialRelation, _ left: Filter.Expression, _ right: Filter.Expression
    ) throws(GranaryError) -> FilterCondition {
        switch relation {
        case .intersects: try intersects(left, right)
        case .disjoint: .not(try intersects(left, right))
        case .equals, .touches, .within, .overlaps, .crosses, .contains:
            throw unsupported("\(relation.rawValue.uppercased()); \(spatialSupport)")
        }
    }

    private static func intersects(
        _ left: Filter.Expression, _ right: Filter.Expression
    ) throws(GranaryError) -> FilterCondition {
        switch (left, right) {
        case (.property(let name), .geometry(let geometry)), (.geometry(let geometry), .property(let name)):
            return intersects(name, try Area(geometry))
        default:
            throw unsupported(
                "S_INTERSECTS between \(left.words) and \(right.words); one side is a property, the other a BBOX or POINT"
            )
        }
    }

    /// Latitudes overlap, and longitudes do in the way that the property's own box lies: within the map, or across the
    /// antimeridian, where it is all that is east of its west or west of its east.
    private static func intersects(_ name: String, _ area: Area) -> FilterCondition {
        let west = FilterTerm.property(name, .west)
        let east = FilterTerm.property(name, .east)
        func reaches(_ range: Area.Range) -> [FilterCondition] {
            [
                .compare(.lessOrEqual, west, .constant(.number(range.east))),
                .compare(.greaterOrEqual, east, .constant(.number(range.west))),
            ]
        }
        return .all([
            .compare(.lessOrEqual, .property(name, .south), .constant(.number(area.north))),
            .compare(.greaterOrEqual, .property(name, .north), .constant(.number(area.south))),
            .any([
                .all([.compare(.lessOrEqual, west, east), .any(area.ranges.map { .all(reaches($0)) })]),
                .all([.compare(.greater, west, east), .any(area.ranges.map { .any(reaches($0)) })]),
            ]),
        ])
    }

    /// The part of the map that a literal covers.
    private struct Area {
        struct Range {
            let west: Double
            let east: Double
        }
        let south: Double
        let north: Double
        /// Two when the literal crosses the antimeridian.
        let ranges: [Range]

        init(_ geometry: Filter.Geometry) throws(GranaryError) {
            switch geometry {
            case .point(let position) where position.count == 2: try self.init(position + position)
            case .box(let numbers) where numbers.count == 4: try self.init(numbers)
            case .point, .box:
                throw FilterLowering.unsupported("S_INTERSECTS with elevations; properties have none")
            case .lineString, .polygon, .multiPoint, .multiLineString, .multiPolygon, .collection:
                throw FilterLowering.unsupported(
                    "S_INTERSECTS with a \(geometry.keyword); supported geometries are BBOX and POINT")
            }
        }

        /// West, south, east, north.
        private init(_ numbers: [Double]) throws(GranaryError) {
            let (west, south, east, north) = (numbers[0], numbers[1], numbers[2], numbers[3])
            guard south <= north else {
                throw FilterFault.meaning(
                    "The southern border \(south) of a BBOX lies north of its northern border \(north).",
                    remedy: "Write BBOX(west, south, east, north).")
            }
            self.south = south
            self.north = north
            ranges =
                west <= east
                ? [Range(west: west, east: east)] : [Range(west: west, east: 180), Range(west: -180, east: east)]
        }
    }
}

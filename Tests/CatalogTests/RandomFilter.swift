// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting

/// Writes random filters in CQL2 text over the schema of `SampleRow`, using all that both back ends support.
struct RandomFilter {
    var random: SeededGenerator

    mutating func condition(depth: Int) -> String {
        guard depth > 0, !random.oneIn(3) else { return predicate() }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return "NOT (\(condition(depth: depth - 1)))"
        case 1: return "((\(condition(depth: depth - 1))) IS \(random.pick(["", "NOT "]))NULL)"
        case 2, 3: return "(" + joined(depth, " AND ") + ")"
        default: return "(" + joined(depth, " OR ") + ")"
        }
    }

    private mutating func joined(_ depth: Int, _ separator: String) -> String {
        (0..<Int.random(in: 2...3, using: &random)).map { _ in condition(depth: depth - 1) }.joined(
            separator: separator)
    }

    private mutating func predicate() -> String {
        let not = random.oneIn(3) ? "NOT " : ""
        switch Int.random(in: 0..<13, using: &random) {
        case 0: return "\(number(2)) \(comparison()) \(number(2))"
        case 1: return "\(text()) \(comparison()) \(text())"
        case 2: return "\(instant()) \(comparison()) \(instant())"
        case 3: return "good \(random.pick(["=", "<>"])) \(random.pick(["TRUE", "FALSE", "good"]))"
        case 4: return "\(text()) \(not)LIKE \(random.oneIn(2) ? pattern() : "CASEI(\(pattern()))")"
        case 5: return "\(number(1)) \(not)BETWEEN \(number(1)) AND \(number(1))"
        case 6: return "\(instant()) \(not)BETWEEN \(instant()) AND \(instant())"
        case 7: return "\(number(1)) \(not)IN (\(number(1)), \(number(1)), \(number(0)))"
        case 8: return "\(text()) \(not)IN (\(text()), \(text()))"
        case 9: return "\(instant()) \(not)IN (\(instant()), \(instant()))"
        case 10:
            return "\(random.pick(["name", "size", "good", "at", "span", "box", number(2), text()])) IS \(not)NULL"
        case 11: return "\(temporalRelation())(\(temporal()), \(temporal()))"
        default: return "\(random.pick(["S_INTERSECTS", "S_DISJOINT"]))(box, \(area()))"
        }
    }

    private mutating func comparison() -> String { random.pick(["=", "<>", "<", ">", "<=", ">="]) }

    private mutating func number(_ depth: Int) -> String {
        guard depth > 0, !random.oneIn(2) else {
            return random.pick(["size", "rank", "cloud", integer(), "-0.5", "-1.5", "0.5", "2.0", "-cloud"])
        }
        let symbol = random.pick(["+", "-", "*", "/", "%", "div"])
        guard symbol == "%" || symbol == "div" else { return "(\(number(depth - 1)) \(symbol) \(number(depth - 1)))" }
        return "(\(random.pick(["size", "rank", integer()])) \(symbol) \(random.pick(["size", "-rank", integer()])))"
    }

    private mutating func integer() -> String { String(Int.random(in: -4...4, using: &random)) }

    private mutating func text() -> String {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: "name"
        case 1: "note"
        case 2: "CASEI(\(random.pick(["name", "note"])))"
        case 3: "CASEI('\(Sample.word(&random))')"
        default: "'\(Sample.word(&random))'"
        }
    }

    private mutating func pattern() -> String {
        let pieces = ["%", "_", "a", "A", "b", "é", "\\%a", "\\_", "%", "\\\\b", "α"]
        return "'" + (0..<Int.random(in: 0...4, using: &random)).map { _ in random.pick(pieces) }.joined() + "'"
    }

    private mutating func instant() -> String {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: "at"
        case 1: "DATE('2024-05-0\(Int.random(in: 1...3, using: &random))')"
        default: "TIMESTAMP('\(Sample.timeText(Sample.hour(&random)))')"
        }
    }

    private mutating func temporalRelation() -> String {
        let relation = random.pick(Filter.TemporalRelation.allCases).rawValue
        return random.oneIn(2) ? relation.uppercased() : relation
    }

    private mutating func temporal() -> String {
        guard random.oneIn(2) else { return random.pick(["span", "at", instant()]) }
        let hours = [Sample.hour(&random), Sample.hour(&random)].sorted().map { "'\(Sample.timeText($0))'" }
        let start = random.pick(["at", "'..'", hours[0]])
        return "INTERVAL(\(start), \(random.pick(["at", "'..'", hours[1], "'2024-05-04'"])))"
    }

    private mutating func area() -> String {
        let (x, y) = (Sample.longitude(&random), Sample.latitude(&random))
        guard random.oneIn(2) else { return "POINT(\(x) \(y))" }
        let latitudes = [y, Sample.latitude(&random)].sorted()
        return "BBOX(\(x), \(latitudes[0]), \(Sample.longitude(&random)), \(latitudes[1]))"
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

extension GranaryError.Code {
    public static let reportUnbalanced: Self = "report.unbalanced"
}

/// Two numbers, found by different queries over one snapshot, that were the same.
public struct Proof: Sendable, Hashable, CustomStringConvertible {
    public let equation: String
    public let count: Int64

    public var description: String { "\(equation): \(count) = \(count)" }

    var json: JSONValue { ["equation": .string(equation), "left": .integer(count), "right": .integer(count)] }
}

/// Something that a report claims: the whole is its parts, in number and in sum.
struct Equation: Sendable {
    var whole: Measure
    var parts: [Measure]

    var description: String { "\(whole.name) = \(parts.map(\.name).joined(separator: " + "))" }

    /// Holds for every row, the total included, or throws `report.unbalanced`.
    func prove(_ tally: Tally) throws -> Proof {
        for key in tally.rows.keys.sorted() {
            let sum = parts.map { tally[key, $0] }.reduce(Amount(), +)
            try expectEqual(tally[key, whole], sum, description, of: key)
        }
        return Proof(equation: description, count: tally[.total, whole].count)
    }
}

extension Tally {
    /// The rows of an axis add up to the total, measure by measure, or throws `report.unbalanced`.
    func proveTotals(_ measures: [Measure], over axis: CountAxis) throws {
        let keys = keys(axis)
        for measure in measures {
            let equation = "total of \(measure.name) = sum of its rows"
            try expectEqual(self[.total, measure], sum(measure, over: keys), equation, of: .total)
        }
    }
}

/// Throws `report.unbalanced` with both numbers when they differ.
func expectEqual(_ left: Amount, _ right: Amount, _ equation: String, of key: RowKey) throws {
    guard left != right else { return }
    throw GranaryError(
        .reportUnbalanced,
        """
        \(equation) does not hold for \(BytePath(key.name)): \(left.count) (\(left.sum)) on the left, \
        \(right.count) (\(right.sum)) on the right; the report was not made.
        """,
        subject: key.name,
        remedy: "Run `granary check catalog`, which names the rows that contradict each other; then ask again.")
}

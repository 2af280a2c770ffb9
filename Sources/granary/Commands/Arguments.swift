// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import GranaryCore
public import GranaryMetrics

extension ReportRequest.Kind: ExpressibleByArgument {}

extension ReportRequest.Axis: ExpressibleByArgument {}

extension Milestone: ExpressibleByArgument {
    /// The milestone's word, with hyphens for spaces so that no shell needs quotes: `job-accepted`.
    public init?(argument: String) {
        guard let found = Self.allCases.first(where: { $0.argument == argument || $0.rawValue == argument }) else {
            return nil
        }
        self = found
    }

    public static var allValueStrings: [String] { allCases.map(\.argument) }

    private var argument: String { rawValue.split(separator: " ").joined(separator: "-") }
}

extension Requirement: ExpressibleByArgument {
    /// Reads `FROM..TO=TIME`: `archived..response-received=4h`. The time itself keeps the promise.
    public init?(argument: String) {
        guard let equals = argument.lastIndex(of: "="), let dots = argument.range(of: "..", before: equals),
            let from = Milestone(argument: String(argument[..<dots.lowerBound])),
            let to = Milestone(argument: String(argument[dots.upperBound..<equals])),
            let limit = Duration(spelled: String(argument[argument.index(after: equals)...]))
        else { return nil }
        self.init(Interval(from: from, to: to), within: limit)
    }
}

extension String {
    /// Where two letters first stand side by side before an index.
    fileprivate func range(of pair: String, before end: Index) -> Range<Index>? {
        indices.lazy.filter { $0 < end && self[$0...].hasPrefix(pair) }.first.map {
            $0..<index($0, offsetBy: pair.count)
        }
    }
}

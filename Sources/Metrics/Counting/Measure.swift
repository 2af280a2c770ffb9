// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// One number of a report, by the name of its column.
public struct Measure: Sendable, Hashable {
    public let name: String

    /// A measure by the name of its column. One that a report does not have is refused by the report.
    public init(_ name: String) { self.name = name }

    /// The column's heading under a caption that says whether files, granules or submissions are meant.
    var heading: String {
        let words = name.split(separator: "_", maxSplits: 1)
        guard words.count == 2 else { return name }
        return words[0] == "rejected" ? String(words[1]) : words[1].split(separator: "_").joined(separator: " ")
    }

    public static let promised = Measure("files_promised")
    public static let promisedSeen = Measure("files_promised_seen")
    /// Promised by a manifest, and never seen.
    public static let missingFiles = Measure("files_missing")
    /// Every arrival, whatever became of it; `files(.observed)` are those of which nothing is decided yet.
    public static let observed = Measure("files")
    public static func files(_ state: ArrivalState) -> Measure { Measure("files_\(state.rawValue)") }
    /// Rows of `file` that came from the arrivals of the report.
    public static let kept = Measure("files_kept")

    public static let granules = Measure("granules")
    public static func granules(_ state: GranuleState) -> Measure { Measure("granules_\(state.rawValue)") }
    /// Archived, and made by a job.
    public static let produced = Measure("granules_produced")
    /// Waiting or incomplete, with required files missing.
    public static let missingGranules = Measure("granules_lacking_files")

    public static let submissions = Measure("submissions")
    public static func submissions(_ state: SubmissionState) -> Measure { Measure("submissions_\(state.rawValue)") }
    /// Rejected with this code; nil for any other code or none.
    public static func rejected(_ code: ResponseError?) -> Measure {
        Measure("rejected_\(code?.rawValue ?? "otherwise")")
    }
}

/// How many, and how much they add up to: bytes of files, attempts of submissions.
public struct Amount: Sendable, Hashable {
    public var count: Int64 = 0
    public var sum: Int64 = 0

    public init(count: Int64 = 0, sum: Int64 = 0) { (self.count, self.sum) = (count, sum) }

    static func + (left: Amount, right: Amount) -> Amount {
        Amount(count: left.count + right.count, sum: left.sum + right.sum)
    }
}

/// The amounts of many measures for many rows.
struct Tally: Sendable {
    private(set) var rows: [RowKey: [Measure: Amount]] = [:]

    subscript(key: RowKey, measure: Measure) -> Amount { rows[key]?[measure] ?? Amount() }

    mutating func add(_ amount: Amount, to measure: Measure, of key: RowKey) {
        rows[key, default: [:]][measure] = self[key, measure] + amount
    }

    /// The rows of an axis, in the order of the report.
    func keys(_ axis: CountAxis) -> [RowKey] { rows.keys.filter { $0.axis == axis }.sorted() }

    func sum(_ measure: Measure, over keys: [RowKey]) -> Amount { keys.map { self[$0, measure] }.reduce(Amount(), +) }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// What somebody wants to know: the same request over the same rows gives the same bytes.
public struct ReportRequest: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
        case accountability, latency, delivery
    }
    public enum Axis: String, Sendable, Hashable, CaseIterable, Codable {
        case collection, day, destination
    }

    public let kind: Kind
    /// Nil for everything that the ledger holds.
    public let period: Period?
    /// The time by which rows fall into the period, or into a day.
    public let clock: Milestone
    public let axis: Axis
    /// Only of latency reports.
    public let requirement: Requirement?
    public var format: OutputFormat

    /// Throws `input.invalid` when the clock or the axis means nothing for this kind of report.
    ///
    /// Left out, the clock is `observed` (`submitted` for deliveries) and the axis is the collection (the destination).
    public init(
        _ kind: Kind, period: Period? = nil, clock: Milestone? = nil, by axis: Axis? = nil,
        requirement: Requirement? = nil, format: OutputFormat = .table
    ) throws {
        self.kind = kind
        self.period = period
        self.clock = clock ?? (kind == .delivery ? .submitted : .observed)
        self.axis = axis ?? (kind == .delivery ? .destination : .collection)
        self.requirement = requirement
        self.format = format
        guard kind.clocks.contains(self.clock) else { throw unfit("clock", self.clock.rawValue, kind, kind.clocks) }
        guard kind.axes.contains(self.axis) else { throw unfit("axis", self.axis.rawValue, kind, kind.axes) }
    }
}

/// A promise about a latency: so much time at most between two milestones.
public struct Requirement: Sendable, Hashable {
    public var interval: Interval
    public var limit: Duration

    public init(_ interval: Interval, within limit: Duration) {
        self.interval = interval
        self.limit = limit
    }
}

extension ReportRequest.Kind {
    /// The milestones that can select this report's rows.
    public var clocks: [Milestone] {
        switch self {
        case .accountability: Milestone.ofGranules
        case .latency: Milestone.allCases
        case .delivery: Milestone.ofGranules + Milestone.ofSubmissions
        }
    }

    /// What this report can have a row for.
    public var axes: [ReportRequest.Axis] {
        self == .accountability ? [.collection, .day] : ReportRequest.Axis.allCases
    }
}

private func unfit(
    _ what: String, _ word: String, _ kind: ReportRequest.Kind, _ allowed: [some RawRepresentable<String>]
) -> GranaryError {
    GranaryError(
        .invalid, "A report of \(kind.rawValue) has no \(what) \(word).", subject: word,
        remedy: "Choose from: \(allowed.map(\.rawValue).joined(separator: ", ")).")
}

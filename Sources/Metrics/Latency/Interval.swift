// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// The time between two milestones, and whose time it is.
public struct Interval: Sendable, Hashable {
    /// Who spends the time.
    public enum Owner: String, Sendable, Hashable, CaseIterable {
        case provider
        /// Granary itself.
        case us
        /// Between systems: a file waiting to be noticed, an answer on its way back.
        case transport
        /// The process that a job ran.
        case processing
        /// The partner's queue: our message was taken, the partner did not read it yet.
        case queueing = "partner queueing"
        case partner
        /// Several of them: an end-to-end time.
        case whole = "end to end"
    }

    public let from: Milestone
    public let to: Milestone
    public let owner: Owner

    public init(from: Milestone, to: Milestone, owner: Owner = .whole) {
        (self.from, self.to, self.owner) = (from, to, owner)
    }

    /// Consecutive milestones first, then end to end.
    ///
    /// A job's milestones stand before those of the granule that it made; the job ends after them, because its outputs
    /// are archived before it is done.
    public static let standard: [Interval] = [
        Interval(from: .jobAccepted, to: .jobStarted, owner: .us),
        Interval(from: .jobStarted, to: .jobEnded, owner: .processing),
        Interval(from: .sensed, to: .available, owner: .provider),
        Interval(from: .available, to: .observed, owner: .transport),
        Interval(from: .observed, to: .settled, owner: .us),
        Interval(from: .settled, to: .verified, owner: .us),
        Interval(from: .verified, to: .archived, owner: .us),
        Interval(from: .archived, to: .submitted, owner: .us),
        Interval(from: .submitted, to: .brokerAcked, owner: .us),
        Interval(from: .brokerAcked, to: .partnerReceived, owner: .queueing),
        Interval(from: .partnerReceived, to: .partnerCompleted, owner: .partner),
        Interval(from: .partnerCompleted, to: .responseReceived, owner: .transport),
        Interval(from: .responseReceived, to: .reconciled, owner: .us),
        Interval(from: .jobAccepted, to: .archived),
        Interval(from: .observed, to: .archived),
        Interval(from: .available, to: .archived),
        Interval(from: .brokerAcked, to: .responseReceived),
        Interval(from: .observed, to: .brokerAcked),
        Interval(from: .available, to: .reconciled),
        Interval(from: .sensed, to: .reconciled),
    ]

    /// True when a granule has one such time for each destination.
    var isOfSubmissions: Bool { touches(Milestone.ofSubmissions) }
    /// True when only granules that a job made have such a time.
    var isOfJobs: Bool { touches(Milestone.ofJobs) }

    private func touches(_ milestones: [Milestone]) -> Bool { milestones.contains(from) || milestones.contains(to) }

    func spansSame(as other: Interval) -> Bool { from == other.from && to == other.to }
}

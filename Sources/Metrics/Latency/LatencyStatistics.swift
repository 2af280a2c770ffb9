// SPDX-License-Identifier: Apache-2.0

/// What is known of one interval for one row of a report.
public struct LatencyStatistics: Sendable, Hashable {
    /// Pairs of milestones that the interval means something for; each is measured, open or out of order.
    public var pairs: Int64 = 0
    /// Pairs of which a milestone is missing.
    public var open: Int64 = 0
    /// Pairs whose second milestone is before the first: a clock was stepped, or two clocks differ.
    public var outOfOrder: Int64 = 0
    /// Nil when nothing could be measured.
    public var measured: Measured?

    /// Durations in microseconds.
    public struct Measured: Sendable, Hashable {
        public var count: Int64
        /// The sum, in whole seconds and in what is left of each, which no number of rows makes overflow.
        var seconds: Int64
        var microseconds: Int64
        public var least: Int64
        public var most: Int64
        public var p50: Int64
        public var p90: Int64
        public var p95: Int64
        public var p99: Int64
        /// How many kept the requirement; nothing where there is none.
        public var within: Int64

        /// Cut off at the microsecond.
        public var mean: Int64 { seconds / count * 1_000_000 + (seconds % count * 1_000_000 + microseconds) / count }
    }
}

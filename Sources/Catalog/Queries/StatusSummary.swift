// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// The whole site on one page: how much of everything there is in which state, counted from the rows at one moment.
public struct StatusSummary: Sendable, Hashable {
    /// Rows of one state within a group: arrivals of a source, submissions of a destination, work of a kind.
    public struct Line: Sendable, Hashable {
        /// The source, kind or destination; empty where rows have only a state.
        public var group: String
        public var state: String
        public var count: Int
        /// The earliest of them: when it was observed or created, or is due.
        public var oldest: Timestamp?

        init(row: SQLRow) throws {
            group = try row.text("category")
            state = try row.text("state")
            count = try row.int("n")
            oldest = try row.optionalTime("oldest")
        }
    }
    public struct Node: Sendable, Hashable {
        public var name: String
        public var processID: Int64
        public var startedAt: Timestamp
        public var seenAt: Timestamp
        public var stoppedAt: Timestamp?

        init(row: SQLRow) throws {
            name = try row.text("name")
            processID = try row.int64("process_id")
            startedAt = try row.time("started_at")
            seenAt = try row.time("seen_at")
            stoppedAt = try row.optionalTime("stopped_at")
        }
    }
    /// By source; the oldest is when it was observed.
    public var arrivals: [Line]
    public var granules: [Line]
    /// By kind, without what is completed; the oldest is what is due first.
    public var work: [Line]
    public var jobs: [Line]
    /// By destination.
    public var submissions: [Line]
    /// The latest life of a node; nil when none ever ran.
    public var node: Node?
}

extension SQLSession {
    public func statusSummary() throws -> StatusSummary {
        StatusSummary(
            arrivals: try lines("arrival", by: "source", oldest: "observed_at"),
            granules: try lines("granule", by: "''", oldest: "observed_at"),
            work: try lines("work", by: "kind", oldest: "due_at", where: "state IN (\(unfinished))"),
            jobs: try lines("job", by: "''", oldest: "accepted_at"),
            submissions: try lines("submission", by: "destination", oldest: "created_at"),
            node: try first("SELECT * FROM node ORDER BY id DESC LIMIT 1").map(StatusSummary.Node.init(row:)))
    }

    private func lines(
        _ table: String, by group: String, oldest: String, where condition: String = "1 = 1"
    ) throws -> [StatusSummary.Line] {
        try query(
            """
            SELECT \(group) AS category, state, COUNT(*) AS n, MIN(\(oldest)) AS oldest FROM \(table)
            WHERE \(condition) GROUP BY \(group == "''" ? "state" : "\(group), state") ORDER BY category, state
            """
        ).map(StatusSummary.Line.init(row:))
    }
}

/// Named one by one, so that the index finds them among millions that are completed.
private let unfinished = WorkState.allCases.filter { $0 != .completed }.map { "'\($0.rawValue)'" }.joined(
    separator: ", ")

// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryMetrics

extension StatusSummary {
    /// What waits for an operator, and the command that lists it.
    struct Attention: Sendable {
        var what: String
        var count: Int
        var command: String
    }

    var attention: [Attention] {
        [
            Attention(
                what: "files set aside", count: count(arrivals, ArrivalState.quarantined),
                command: "granary quarantine list"),
            Attention(
                what: "granules with files missing past their deadline",
                count: count(granules, GranuleState.incomplete),
                command: "granary granule list --state incomplete"),
            Attention(
                what: "jobs failed", count: count(jobs, JobState.failed), command: "granary job list --state failed"),
            Attention(
                what: "submissions rejected", count: count(submissions, SubmissionState.rejected),
                command: "granary delivery list --state rejected"),
            Attention(
                what: "submissions overdue", count: count(submissions, SubmissionState.overdue),
                command: "granary delivery list --state overdue"),
            Attention(
                what: "pieces of work given up", count: count(work, WorkState.discarded),
                command: "granary status -o json"),
        ].filter { $0.count > 0 }
    }

    private func count(_ lines: [Line], _ state: some RawRepresentable<String>) -> Int {
        lines.filter { $0.state == state.rawValue }.reduce(0) { $0 + $1.count }
    }

    /// The answer of the service's `/status` and of `granary status -o json`.
    var json: JSONValue {
        [
            "node": node?.json ?? .null,
            "arrivals": json(arrivals, "source"), "granules": json(granules, nil), "work": json(work, "kind"),
            "jobs": json(jobs, nil), "submissions": json(submissions, "destination"),
            "attention": .array(
                attention.map {
                    ["what": .string($0.what), "count": .integer(Int64($0.count)), "command": .string($0.command)]
                }),
        ]
    }

    private func json(_ lines: [Line], _ group: String?) -> JSONValue {
        .array(
            lines.map { line in
                var json: JSONObject = [:]
                if let group { json[group] = .string(line.group) }
                json["state"] = .string(line.state)
                json["count"] = .integer(Int64(line.count))
                json["oldest"] = line.oldest.map { .string($0.description) } ?? .null
                return .object(json)
            })
    }

    /// A row for each state of everything; ages are counted at `now`.
    func table(now: Timestamp) -> Table {
        let kinds = [
            ("arrivals", arrivals), ("granules", granules), ("jobs", jobs), ("submissions", submissions),
            ("work", work),
        ]
        let columns: [Table.Column] = [
            .text("what"), .text("group"), .text("state"), .number("count"), .time("oldest"), .number("age"),
        ]
        return Table(
            columns,
            rows: kinds.flatMap { what, lines in
                lines.map { line in
                    [
                        .text(what), line.group.isEmpty ? .none : .text(line.group), .text(line.state),
                        .count(line.count),
                        .known(line.oldest), line.oldest.map { .duration(now - $0) } ?? .none,
                    ]
                }
            })
    }
}

extension StatusSummary.Node {
    var json: JSONValue {
        [
            "name": .string(name), "process_id": .integer(processID), "started_at": .string(startedAt.description),
            "seen_at": .string(seenAt.description), "stopped_at": stoppedAt.map { .string($0.description) } ?? .null,
        ]
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore

extension GranuleTrace {
    /// Everything, with nothing left out and nothing rounded.
    var json: JSONValue {
        [
            "granule": granule.json,
            "arrivals": RecordTable.arrivals.json(arrivals),
            "files": RecordTable.files.json(files),
            "timeline": .array(steps.map(\.json)),
            "firings": RecordTable.firings.json(firings),
            "producer": producer?.json ?? .null,
            "consumers": .array(consumers.map(\.json)),
            "submissions": .array(submissions.map(\.json)),
            "made_from": .array(parents.map(\.json)),
            "made_into": .array(children.map(\.json)),
            "events": RecordTable.events.json(events),
        ]
    }
}

extension TraceStep {
    fileprivate var json: JSONValue {
        ["at": .string(at.description), "what": .string(what), "detail": detail.map { .string($0) } ?? .null]
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// The moves of an arrival, each with what must be written beside the state.
extension SQLSession {
    /// Ends an arrival in a state with a reason.
    func end(
        _ arrival: Int64, from: ArrivalState, as to: ArrivalState, _ reason: Reason, at moment: Timestamp,
        by actor: String
    ) throws {
        try move(
            .arrival, arrival, from: from, to: to, at: moment,
            because: Cause(reason.code, by: actor, detail: reason.text),
            set: [
                ("ended_at", moment), ("reason_code", reason.code), ("reason", reason.text), ("remedy", reason.remedy),
            ])
    }

    /// Ends an arrival well: archived or a duplicate.
    func end(
        _ arrival: Int64, from: ArrivalState, as to: ArrivalState, granule: Int64, _ reason: Reason? = nil,
        at moment: Timestamp, by actor: String
    ) throws {
        try move(
            .arrival, arrival, from: from, to: to, at: moment, because: Cause(to.rawValue, by: actor),
            set: [
                ("ended_at", moment), ("granule_id", granule), ("reason_code", reason?.code), ("reason", reason?.text),
                ("remedy", reason?.remedy),
            ])
    }

    /// Lets an arrival wait, and says for what. Waiting for the same thing again writes nothing.
    func wait(_ arrival: ArrivalRecord, granule: Int64?, _ reason: Reason, at moment: Timestamp, by actor: String)
        throws
    {
        guard arrival.state != .waiting else {
            guard arrival.reason != reason.text || arrival.granuleID != granule else { return }
            try execute(
                "UPDATE arrival SET granule_id = ?, reason_code = ?, reason = ?, remedy = ? WHERE id = ? AND state = 'waiting'",
                [granule, reason.code, reason.text, reason.remedy, arrival.id])
            return
        }
        try move(
            .arrival, arrival.id, from: arrival.state, to: .waiting, at: moment,
            because: Cause(reason.code, by: actor, detail: reason.text),
            set: [
                ("granule_id", granule), ("reason_code", reason.code), ("reason", reason.text),
                ("remedy", reason.remedy),
            ])
    }

    /// Takes an arrival up again from the start: its generation must settle anew.
    func reopen(_ arrival: ArrivalRecord, at moment: Timestamp, steady: Timestamp, because cause: Cause) throws {
        try move(
            .arrival, arrival.id, from: arrival.state, to: arrival.state == .quarantined ? .observed : .settling,
            at: moment,
            because: cause,
            set: [
                ("ended_at", nil), ("settled_at", nil), ("looks", 1), ("looked_at", steady), ("reason_code", nil),
                ("reason", nil), ("remedy", nil),
            ])
    }

    /// Says which granule an arrival belongs to.
    func assign(_ arrival: Int64, to granule: Int64) throws {
        try execute("UPDATE arrival SET granule_id = ? WHERE id = ?", [granule, arrival])
    }
}

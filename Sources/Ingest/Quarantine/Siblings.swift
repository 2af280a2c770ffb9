// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension SQLSession {
    /// Takes up again the good files that were set aside only because another file of their granule was.
    func releaseSiblings(of granule: GranuleRecord, at moment: Timestamp, steady: Timestamp, by actor: String) throws {
        guard granule.state == .quarantined else { return }
        let siblings = try arrivals(ofGranule: granule.id)
            .filter { $0.state == .quarantined && $0.reasonCode == Reason.siblingCode }
        for sibling in siblings {
            try reopen(sibling, at: moment, steady: steady, because: Cause("its granule is taken up again", by: actor))
            try settle(sibling.id, as: sibling.readiness ?? .inferred, at: moment)
        }
        try move(
            .granule, granule.id, from: GranuleState.quarantined, to: .waiting, at: moment,
            because: Cause("taken up again", by: actor),
            set: [("reason_code", nil), ("reason", nil), ("deadline_at", nil)])
    }
}

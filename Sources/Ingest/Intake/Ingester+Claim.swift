// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension Ingester {
    /// Marks every file of every offer as being read, and records those that nobody recorded before.
    ///
    /// Of two offers of one granule the second is put off: it must be judged against what becomes of the first.
    func claim(_ offers: [GranuleOffer]) async throws -> [IntakeCase] {
        let now = catalog.clock.now()
        let steady = catalog.steady.now()
        return try await catalog.write { session in
            // Identities are compared as bytes: to a `String` set, NFC and NFD twins would be one granule.
            var seen: Set<BytePath> = []
            return try offers.map { offer in
                var item = IntakeCase(offer: offer)
                let identity = item.identity(revision: 1).description
                guard seen.insert(BytePath(identity)).inserted else {
                    item.isPutOff = true
                    item.judgement = .postpone(
                        .postponed("Another offer of \(identity) is being taken.", subject: identity))
                    return item
                }
                item.arrivals = try offer.files.map { try session.claimArrival($0, of: offer, at: now, steady: steady) }
                return item
            }
        }
    }
}

extension SQLSession {
    fileprivate func claimArrival(
        _ file: OfferedFile, of offer: GranuleOffer, at moment: Timestamp, steady: Timestamp
    ) throws -> ArrivalRecord {
        let id = try file.arrivalID ?? arrivalID(of: file, offer, at: moment, steady: steady)
        guard let arrival = try arrival(id) else {
            throw GranaryError.postponed("Arrival \(id) is gone.", subject: "arrival \(id)")
        }
        guard arrival.state != .verifying else { return arrival }
        var claimed = arrival
        claimed.state = .verifying
        claimed.settledAt = arrival.settledAt ?? max(offer.settledAt, arrival.observedAt)
        claimed.readiness = arrival.readiness ?? offer.readiness
        try move(
            .arrival, id, from: arrival.state, to: claimed.state, at: moment,
            because: Cause("being read", by: Ingester.actor),
            set: [("settled_at", claimed.settledAt), ("readiness", claimed.readiness)])
        return claimed
    }

    /// The open arrival of a file that was offered before, or a new one. What has ended is never opened again: the same
    /// generation offered once more, as with a message that was sent twice, is an arrival of its own.
    private func arrivalID(of file: OfferedFile, _ offer: GranuleOffer, at moment: Timestamp, steady: Timestamp) throws
        -> Int64
    {
        let known = try query(
            "SELECT * FROM arrival WHERE source = ? AND path = ? ORDER BY id", [offer.source, file.entry.path]
        ).map(ArrivalRecord.init(row:)).filter { $0.isOffering(of: file.entry.generation) }
        if let open = known.last(where: { $0.endedAt == nil }) { return open.id }
        var entry = file.entry
        if !known.isEmpty { entry.generation += "@\(known.count + 1)" }
        let identity = ArrivalIdentity(
            collection: offer.collection, granule: offer.granule, fileName: file.name, fileType: file.type)
        let id = try insertArrival(
            source: offer.source, entry: entry, identity: identity, at: moment, steady: steady, by: Ingester.actor)
        guard let id else {
            throw GranaryError.postponed("\(entry.path) was recorded by somebody else.", subject: offer.source)
        }
        return id
    }
}

extension ArrivalRecord {
    /// True for the first offering of a generation, `g`, and for each later one, `g@2`, `g@3` …
    fileprivate func isOffering(of other: String) -> Bool {
        let rest = generation.utf8.dropFirst(other.utf8.count)
        return generation.utf8.starts(with: other.utf8) && (rest.isEmpty || rest.first == UInt8(ascii: "@"))
    }
}

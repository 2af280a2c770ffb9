// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore

/// Leaves a submission for every destination that wants a granule, in the transaction that archives it.
///
/// One submission for each granule revision and destination. Those of earlier revisions that are not settled yet are
/// superseded: what a partner has not acknowledged need not be delivered any more.
public struct DeliveryReaction: ArchivalReaction {
    private let destinations: [Destination]
    private let composer: SubmissionComposer
    private let steady: SteadyTime

    public init(
        destinations: [Destination], schemas: MessageSchemas, steady: SteadyTime,
        randomness: any Randomness = SystemRandomness()
    ) {
        self.destinations = destinations
        self.steady = steady
        composer = SubmissionComposer(schemas: schemas, randomness: randomness)
    }

    public func granuleArchived(
        _ granule: GranuleRecord, files: [FileRecord], in session: any SQLSession, at moment: Timestamp
    ) throws {
        for destination in destinations {
            let wanted = Result { try destination.wants(granule, files: files) }
            if case .success(false) = wanted { continue }
            try session.supersedeSubmissions(before: granule.identity, destination: destination.name, at: moment)
            try composer.submit(
                granule, files: files, to: destination, in: session, at: moment, due: steady.now(),
                obstacle: wanted.failure)
        }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}

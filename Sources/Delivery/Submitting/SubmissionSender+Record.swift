// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore
internal import Logging

extension SubmissionSender {
    /// Writes down what became of one destination's parcels, all in one transaction.
    func record(_ outcomes: [(Parcel, SendOutcome)], deadline: Duration) async throws {
        for (parcel, outcome) in outcomes { log(parcel, outcome) }
        let (now, steady) = (catalog.clock.now(), catalog.steady.now())
        let lost = try await catalog.write { session in
            try session.recordEach(outcomes) { parcel, outcome in
                switch outcome {
                case .needless: try session.finish(parcel.work, .completed, at: steady)
                case .cancelled: try session.finish(parcel.work, .handedBack, at: steady)
                case .taken(let brokerID):
                    try session.finish(parcel.work, .completed, at: steady)
                    try session.recordSent(parcel.submission, brokerID: brokerID, at: now, due: steady + deadline)
                case .failed(let error, let ending):
                    try session.finish(parcel.work, ending, at: steady)
                    try session.recordFailure(parcel.submission, error, isFinal: ending.isFinal, at: now)
                }
            }
        }
        if lost > 0 { logger.info("claims ran out while they were worked on", metadata: ["claims": "\(lost)"]) }
    }

    private func log(_ parcel: Parcel, _ outcome: SendOutcome) {
        guard case .failed(let error, let ending) = outcome else { return }
        logger.log(
            level: ending.isFinal ? .error : .warning,
            ending.isFinal ? "submission given up" : "submission not sent yet",
            metadata: [
                "submission": "\(parcel.submission.id)", "destination": "\(parcel.submission.destination)",
                "error": "\(error.message)",
            ])
    }
}

extension SQLSession {
    /// A response may have overtaken us: then the submission is settled already, and only the attempt is written down.
    fileprivate func recordSent(_ submission: SubmissionRecord, brokerID: String, at now: Timestamp, due: Timestamp)
        throws
    {
        try recordAttempt(of: submission, at: now, brokerID: brokerID, error: nil)
        guard try self.submission(submission.id)?.state == .pending else { return }
        try move(
            .submission, submission.id, from: .pending, to: SubmissionState.sent, at: now,
            because: Cause("taken by the broker", by: deliveryActor, detail: brokerID),
            set: [("sent_at", now), ("due_at", due), ("error_code", nil), ("error", nil)])
    }

    /// One that will not be tried again is given up and waits for an operator.
    fileprivate func recordFailure(
        _ submission: SubmissionRecord, _ error: GranaryError, isFinal: Bool, at now: Timestamp
    ) throws {
        try recordAttempt(of: submission, at: now, brokerID: nil, error: error.message)
        guard isFinal, try self.submission(submission.id)?.state == .pending else { return }
        try giveUp(submission: submission.id, from: .pending, because: error, at: now)
    }
}

extension WorkEnding {
    fileprivate var isFinal: Bool {
        if case .discarded = self { true } else { false }
    }
}

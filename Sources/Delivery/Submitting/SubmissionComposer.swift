// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// Makes a submission's row: identifier and bytes are fixed here, before the first send and for ever.
struct SubmissionComposer: Sendable {
    let schemas: MessageSchemas
    let randomness: any Randomness

    /// Leaves a pending submission and the work to send it.
    ///
    /// When no message can be written, the submission is kept as rejected by ourselves, with an empty body and our error:
    /// archiving goes on, the failure is on every list of rejected deliveries, and a resend by the operator writes the
    /// message anew once its cause is removed. An `obstacle` met before, such as a filter that cannot be carried out,
    /// ends the same way.
    func submit(
        _ granule: GranuleRecord, files: [FileRecord], to destination: Destination, in session: any SQLSession,
        at moment: Timestamp, due: Timestamp, obstacle: (any Error)? = nil
    ) throws {
        let identifier = randomness.identifier()
        let body = Result {
            if let obstacle { throw obstacle }
            return try compose(granule, files: files, for: destination, identifier: identifier, at: moment)
        }
        let id = try session.insertSubmission(
            granule: granule.id, destination: destination.name, identifier: identifier,
            body: (try? body.get()) ?? [], at: moment)
        guard let id else { return }
        switch body {
        case .success: try session.enqueue(.sendSubmission, subject: id, priority: granule.priority, dueAt: due)
        case .failure(let error):
            try session.giveUp(submission: id, from: .pending, because: error.asGranaryError, at: moment)
        }
        try session.wakeUnmatched(identifier: identifier, at: due)
    }

    func compose(
        _ granule: GranuleRecord, files: [FileRecord], for destination: Destination, identifier: String,
        at moment: Timestamp
    ) throws -> [UInt8] {
        try SubmissionMessage(
            granule: granule, files: files, destination: destination, identifier: identifier, submissionTime: moment
        ).bytes(schemas: schemas)
    }
}

extension GranuleRecord {
    /// Tonight's pass goes ahead of a campaign over last year.
    fileprivate var priority: Int { processingType == .forward ? 0 : -1 }
}

extension Error {
    /// The error in our own words, whoever raised it.
    var asGranaryError: GranaryError {
        self as? GranaryError
            ?? GranaryError(
                .storeFailed, "\(self)", remedy: "Look at the service's log around this time.",
                disposition: .retry(after: nil), cause: self)
    }
}

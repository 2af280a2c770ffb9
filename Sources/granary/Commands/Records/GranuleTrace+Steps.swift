// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore

/// One moment in the life of a granule.
struct TraceStep: Sendable {
    var at: Timestamp
    var what: String
    /// What belongs to it and is longer: a command, a reason.
    var detail: String?

    init(_ at: Timestamp, _ what: String, _ detail: String? = nil) {
        self.at = at
        self.what = what
        self.detail = detail
    }

    /// Nothing when it has not happened.
    static func maybe(_ at: Timestamp?, _ what: String, _ detail: String? = nil) -> [TraceStep] {
        at.map { [TraceStep($0, what, detail)] } ?? []
    }
}

extension GranuleTrace {
    /// The milestones, what ran, what was sent and answered, and every turn that is no milestone, in the order of time.
    ///
    /// Of steps at one moment the order is that of the chain.
    var steps: [TraceStep] {
        let chain =
            (producer.map(steps) ?? []) + milestones + turns + firings.map(step)
            + consumers.flatMap(steps) + submissions.flatMap(steps)
        return chain.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private var milestones: [TraceStep] {
        TraceStep.maybe(granule.sensedEnd, Milestone.sensed.rawValue, "the end of what it observed")
            + TraceStep.maybe(
                granule.availableAt, Milestone.available.rawValue, "its last file was written at the source")
            + [TraceStep(granule.observedAt, Milestone.observed.rawValue, sources)]
            + TraceStep.maybe(
                granule.settledAt, Milestone.settled.rawValue, "finished, by \(granule.readiness.sentence)")
            + TraceStep.maybe(granule.verifiedAt, Milestone.verified.rawValue, granule.verification?.sentence)
            + TraceStep.maybe(granule.archivedAt, Milestone.archived.rawValue, "durable, and in the ledger")
    }

    private var sources: String {
        let names = Set(arrivals.map(\.source)).sorted().joined(separator: ", ")
        return names.isEmpty ? "first seen" : "its last file was first seen at \(names)"
    }

    /// Events that leave the straight way: set aside, taken up again, refused, replaced, late.
    private var turns: [TraceStep] {
        events.filter(\.isTurn).map { event in
            let way = event.from.map { "\($0) → \(event.to)" } ?? event.to
            return TraceStep(
                event.at, "\(event.subject.rawValue) \(event.subjectID) \(way)",
                [event.cause.what, event.cause.detail].compactMap(\.self).joined(separator: ": ")
                    + " (\(event.cause.actor))")
        }
    }

    private func step(_ firing: RuleFiring) -> TraceStep {
        TraceStep(firing.firedAt, "rule \(firing.rule) fired", "started job \(firing.jobID)")
    }

    private func steps(_ trace: JobTrace) -> [TraceStep] {
        let (job, name) = (trace.job, "job \(trace.job.id)")
        let cause = job.rule.map { ", by rule \($0)" } ?? ""
        return [TraceStep(job.acceptedAt, "\(name) accepted", "\(job.process) \(job.processVersion)\(cause)")]
            + trace.attempts.flatMap { attempt in
                [TraceStep(attempt.startedAt, "\(name) attempt \(attempt.number) started", attempt.commandLine)]
                    + TraceStep.maybe(
                        attempt.endedAt, "\(name) attempt \(attempt.number) \(attempt.ending)", attempt.failure)
            } + TraceStep.maybe(job.endedAt, "\(name) \(job.state.rawValue)", job.shortError)
    }

    private func steps(_ trace: SubmissionTrace) -> [TraceStep] {
        let (submission, name) = (trace.submission, "\(trace.submission.destination):")
        return [
            TraceStep(
                submission.createdAt, "\(name) submitted", "submission \(submission.id), \(submission.identifier)")
        ]
            + trace.attempts.map { send in
                TraceStep(
                    send.at, "\(name) send \(send.number) \(send.error == nil ? "taken by the broker" : "failed")",
                    send.error ?? send.brokerID)
            }
            + TraceStep.maybe(submission.partnerReceivedAt, "\(name) partner received", "by the partner's clock")
            + TraceStep.maybe(submission.partnerCompletedAt, "\(name) partner completed", "by the partner's clock")
            + TraceStep.maybe(submission.respondedAt, "\(name) response received", nil)
            + trace.responses.map { response in
                let words = [response.errorCode, response.error].compactMap(\.self).joined(separator: ": ")
                return TraceStep(
                    response.handledAt, "\(name) answer \(response.status ?? "without status"), \(response.verdict)",
                    words.isEmpty ? nil : words)
            }
            + TraceStep.maybe(
                submission.reconciledAt, "\(name) reconciled", "the submission is \(submission.state.rawValue)")
    }
}

extension EventRecord {
    /// True for what milestones, attempts and sends do not tell already.
    fileprivate var isTurn: Bool {
        switch subject {
        case .arrival: to != from && (turning.contains(to) || (from != nil && to == ArrivalState.observed.rawValue))
        case .granule: turning.contains(to) || (from != nil && to == GranuleState.waiting.rawValue)
        case .job: to == JobState.dismissed.rawValue || (from == JobState.failed.rawValue)
        case .submission: turning.contains(to) || (from != nil && to == SubmissionState.pending.rawValue) || to == from
        case .work: false
        }
    }
}

private let turning: Set<String> = [
    ArrivalState.quarantined.rawValue, ArrivalState.rejected.rawValue, ArrivalState.vanished.rawValue,
    ArrivalState.duplicate.rawValue, GranuleState.incomplete.rawValue, GranuleState.superseded.rawValue,
    SubmissionState.overdue.rawValue, SubmissionState.cancelled.rawValue,
]

extension JobAttemptRecord {
    fileprivate var ending: String { failureClass == nil ? exitCode.map { "exit \($0)" } ?? "ended" : "failed" }

    fileprivate var failure: String? {
        failureClass.map { kind in
            let word = exitCode.map { "\(kind.rawValue) (code \($0))" } ?? kind.rawValue
            return [word, error].compactMap(\.self).joined(separator: ": ")
        }
    }
}

extension Readiness {
    var sentence: String {
        switch self {
        case .manifest: "a manifest or message"
        case .closed: "a rename into place, or the end of its writer"
        case .inferred: "staying unchanged"
        }
    }
}

extension Verification {
    var sentence: String {
        switch self {
        case .provider: "every byte agrees with the provider's checksum"
        case .own: "the provider gave no checksum; ours was computed"
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A named place where a test can end the process as a power cut would: `GRANARY_CRASH=<point>:<n>` dies at the nth visit.
///
/// Release builds hold no trace of it.
@inlinable
public func crashPoint(_ point: CrashPoint) {
    #if DEBUG
        CrashPlan.shared.visit(point)
    #endif
}

/// Every place between two durable steps, so that a test can visit each.
public enum CrashPoint: String, Sendable, CaseIterable {
    case archiveStaged = "archive.staged"
    case archiveFlushed = "archive.flushed"
    case archiveRenamed = "archive.renamed"
    case archivePublished = "archive.published"
    case catalogBeforeCommit = "catalog.before-commit"
    case catalogAfterCommit = "catalog.after-commit"
    case ingestObserved = "ingest.observed"
    case ingestVerifying = "ingest.verifying"
    case ingestRecorded = "ingest.recorded"
    case ingestSourceDone = "ingest.source-done"
    case jobStarted = "job.started"
    case jobEnded = "job.ended"
    case jobPublished = "job.published"
    case submissionClaimed = "submission.claimed"
    case submissionSent = "submission.sent"
    case submissionRecorded = "submission.recorded"
    case messageStored = "message.stored"
    case messageDeleted = "message.deleted"
    case responseApplied = "response.applied"
    case notificationFetched = "notification.fetched"
    case answerSent = "answer.sent"
}

#if DEBUG
    @usableFromInline
    final class CrashPlan: Sendable {
        @usableFromInline static let shared = CrashPlan(getenv("GRANARY_CRASH").map { String(cString: $0) } ?? "")

        private let target: CrashPoint?
        private let remaining: Atomic<Int>

        init(_ plan: String) {
            let parts = plan.split(separator: ":")
            target = parts.first.flatMap { CrashPoint(rawValue: String($0)) }
            remaining = Atomic(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
        }

        @usableFromInline
        func visit(_ point: CrashPoint) {
            guard point == target, remaining.subtract(1, ordering: .relaxed).newValue == 0 else { return }
            kill(getpid(), SIGKILL)
        }
    }
#endif

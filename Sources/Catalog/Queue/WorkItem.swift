// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// What kind of thing must be done; its subject is a row of the table named beside it.
public enum WorkKind: String, Sendable, Hashable, CaseIterable, SQLConvertible {
    /// Run a job (`job`).
    case runJob = "job.run"
    /// Send a submission (`submission`).
    case sendSubmission = "submission.send"
    /// Fetch and archive what a received CNM-S announces (`message_in`).
    case takeNotification = "notification.take"
    /// Match a received CNM-R (`message_in`).
    case applyResponse = "response.apply"
    /// Send an answer that we owe (`answer`).
    case sendAnswer = "answer.send"
}

/// A row that says something must be done: a row of `work`.
public struct WorkItem: Sendable, Hashable, Identifiable {
    public var id: Int64
    public var kind: WorkKind
    public var subjectID: Int64
    public var state: WorkState
    public var priority: Int
    /// Which try this is, from 1; claims that ended in "not yet" or were handed back do not count.
    public var attempt: Int
    /// Grows with every claim: who holds an old token can change nothing any more.
    public var token: Int64
    public var dueAt: Timestamp
    public var leaseUntil: Timestamp?
    public var error: String?

    public init(row: SQLRow) throws {
        id = try row.int64("id")
        kind = try row.word("kind")
        subjectID = try row.int64("subject_id")
        state = try row.word("state")
        priority = try row.int("priority")
        attempt = try row.int("attempt")
        token = try row.int64("token")
        dueAt = try row.time("due_at")
        leaseUntil = try row.optionalTime("lease_until")
        error = try row.optionalText("error")
    }
}

/// A worker's wish for work.
public struct WorkClaim: Sendable, Hashable {
    public var kind: WorkKind
    /// Who will hold it, for people.
    public var owner: String
    /// By the steady scale.
    public var now: Timestamp
    public var lease: Duration
    public var limit: Int

    public init(_ kind: WorkKind, owner: String, now: Timestamp, lease: Duration = .seconds(60), limit: Int = 1) {
        self.kind = kind
        self.owner = owner
        self.now = now
        self.lease = lease
        self.limit = limit
    }
}

/// How a worker leaves its work.
public enum WorkEnding: Sendable, Hashable {
    case completed
    /// Not yet: a fact it waits for has not come. Does not count as a failure.
    case scheduled(at: Timestamp)
    /// It failed and will be tried again.
    case retryable(at: Timestamp, error: String)
    /// It failed for the last time; an operator can give it a new life.
    case discarded(error: String)
    /// Handed back unharmed, as at shutdown.
    case handedBack
}

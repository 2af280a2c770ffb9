// SPDX-License-Identifier: Apache-2.0

/// A time in a granule's life. The difference between two of them is a latency.
public enum Milestone: String, Sendable, Hashable, CaseIterable, Codable {
    /// The end of what the granule observed, from its name or metadata.
    case sensed
    /// Its last file was written at the source (the source's own time stamp).
    case available
    /// Its last file was first seen by us.
    case observed
    /// Its last file was known to be finished.
    case settled
    /// All bytes were read and agreed with what was promised.
    case verified
    /// All files durable in the archive and in the ledger.
    case archived
    case jobAccepted = "job accepted"
    case jobStarted = "job started"
    case jobEnded = "job ended"
    /// The submission was composed and committed.
    case submitted
    /// The broker took the message.
    case brokerAcked = "broker-acked"
    /// The partner's own times, from its response.
    case partnerReceived = "partner received"
    case partnerCompleted = "partner completed"
    /// Its response reached us.
    case responseReceived = "response received"
    /// The response was matched and the submission settled.
    case reconciled
}

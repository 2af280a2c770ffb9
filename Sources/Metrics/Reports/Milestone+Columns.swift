// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension Milestone {
    /// Reached once by each granule.
    static let ofGranules: [Milestone] = [.sensed, .available, .observed, .settled, .verified, .archived]
    /// Reached by the job that made the granule.
    static let ofJobs: [Milestone] = [.jobAccepted, .jobStarted, .jobEnded]
    /// Reached once for each destination.
    static let ofSubmissions: [Milestone] = [
        .submitted, .brokerAcked, .partnerReceived, .partnerCompleted, .responseReceived, .reconciled,
    ]

    /// The column of `v_latency`.
    var latencyColumn: String {
        switch self {
        case .sensed: "sensed_at"
        case .available: "available_at"
        case .observed: "observed_at"
        case .settled: "settled_at"
        case .verified: "verified_at"
        case .archived: "archived_at"
        case .jobAccepted: "job_accepted_at"
        case .jobStarted: "job_started_at"
        case .jobEnded: "job_ended_at"
        case .submitted: "submitted_at"
        case .brokerAcked: "broker_acked_at"
        case .partnerReceived: "partner_received_at"
        case .partnerCompleted: "partner_completed_at"
        case .responseReceived: "response_received_at"
        case .reconciled: "reconciled_at"
        }
    }

    /// The column of `granule g` or `submission s`.
    var ledgerColumn: String {
        switch self {
        case .sensed: "g.sensed_end"
        case .submitted: "s.created_at"
        case .brokerAcked: "s.sent_at"
        case .responseReceived: "s.responded_at"
        default: (Milestone.ofSubmissions.contains(self) ? "s." : "g.") + latencyColumn
        }
    }

    /// The column that an arrival falls into a period by: its own where it has such a time, else its granule's.
    var arrivalColumn: String {
        switch self {
        case .available, .observed, .settled: "a." + latencyColumn
        default: ledgerColumn
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A submission with the granule that it announces.
public struct DeliveryRecord: Sendable, Hashable, Identifiable, FilterProperties {
    public var submission: SubmissionRecord
    public var granule: GranuleRecord

    public init(submission: SubmissionRecord, granule: GranuleRecord) {
        self.submission = submission
        self.granule = granule
    }

    public var id: Int64 { submission.id }

    public func value(of property: String) -> FilterValue? { FilterTable.deliveries.value(of: property, in: self) }
}

extension FilterSchema {
    /// What filters over deliveries may name: `state` is the submission's; the rest of the granule has its own names.
    public static let delivery = FilterTable.deliveries.schema
}

extension FilterTable<DeliveryRecord> {
    /// Columns are those of `submission s JOIN granule g`.
    static let deliveries = FilterTable(
        granuleProperties(of: \DeliveryRecord.granule) + [
            FilterableProperty("id", .integer("s.id")) { .integer($0.id) },
            FilterableProperty("destination", .string("s.destination")) { .string($0.submission.destination) },
            FilterableProperty("identifier", .string("s.identifier")) { .string($0.submission.identifier) },
            FilterableProperty("state", .string("s.state")) { .word($0.submission.state) },
            FilterableProperty("attempts", .integer("s.attempts")) { .integer(Int64($0.submission.attempts)) },
            FilterableProperty("created", .timestamp("s.created_at")) { .time($0.submission.createdAt) },
            FilterableProperty("sent", .timestamp("s.sent_at")) { .time($0.submission.sentAt) },
            FilterableProperty("due", .timestamp("s.due_at")) { .time($0.submission.dueAt) },
            FilterableProperty("responded", .timestamp("s.responded_at")) { .time($0.submission.respondedAt) },
            FilterableProperty("error_code", .string("s.error_code")) { .text($0.submission.errorCode) },
        ])
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

extension JobRecord: FilterProperties {
    public func value(of property: String) -> FilterValue? { FilterTable.jobs.value(of: property, in: self) }
}

extension FilterSchema {
    /// What filters over jobs may name.
    public static let job = FilterTable.jobs.schema
}

extension FilterTable<JobRecord> {
    /// Columns are those of `job j`.
    static let jobs = FilterTable([
        FilterableProperty("id", .integer("j.id")) { .integer($0.id) },
        FilterableProperty("process", .string("j.process")) { .string($0.process) },
        FilterableProperty("process_version", .string("j.process_version")) { .string($0.processVersion) },
        FilterableProperty("rule", .string("j.rule")) { .text($0.rule) },
        FilterableProperty("state", .string("j.state")) { .word($0.state) },
        FilterableProperty("processing_type", .string("j.processing_type")) { .word($0.processingType) },
        FilterableProperty("priority", .integer("j.priority")) { .integer(Int64($0.priority)) },
        FilterableProperty("accepted", .timestamp("j.accepted_at")) { .time($0.acceptedAt) },
        FilterableProperty("started", .timestamp("j.started_at")) { .time($0.startedAt) },
        FilterableProperty("ended", .timestamp("j.ended_at")) { .time($0.endedAt) },
        FilterableProperty("failure", .string("j.failure_class")) { .word($0.failureClass) },
        FilterableProperty("error", .string("j.short_error")) { .text($0.shortError) },
    ])
}

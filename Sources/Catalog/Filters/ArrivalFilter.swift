// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

extension ArrivalRecord: FilterProperties {
    public func value(of property: String) -> FilterValue? { FilterTable.arrivals.value(of: property, in: self) }
}

extension FilterSchema {
    /// What filters over arrivals may name: those of the quarantine too.
    public static let arrival = FilterTable.arrivals.schema
}

extension FilterTable<ArrivalRecord> {
    /// Columns are those of `arrival a`. Paths are bytes and cannot be compared as text; the name in the granule's
    /// terms can.
    static let arrivals = FilterTable([
        FilterableProperty("id", .integer("a.id")) { .integer($0.id) },
        FilterableProperty("source", .string("a.source")) { .string($0.source) },
        FilterableProperty("state", .string("a.state")) { .word($0.state) },
        FilterableProperty("size", .integer("a.size")) { .integer($0.size) },
        FilterableProperty("collection", .string("a.collection")) { .text($0.collection?.name) },
        FilterableProperty("version", .string("a.version")) { .text($0.collection?.version) },
        FilterableProperty("granule", .string("a.granule")) { .text($0.granule) },
        FilterableProperty("file_type", .string("a.file_type")) { .word($0.fileType) },
        FilterableProperty("readiness", .string("a.readiness")) { .word($0.readiness) },
        FilterableProperty("available", .timestamp("a.available_at")) { .time($0.availableAt) },
        FilterableProperty("observed", .timestamp("a.observed_at")) { .time($0.observedAt) },
        FilterableProperty("settled", .timestamp("a.settled_at")) { .time($0.settledAt) },
        FilterableProperty("ended", .timestamp("a.ended_at")) { .time($0.endedAt) },
        FilterableProperty("reason", .string("a.reason_code")) { .text($0.reasonCode) },
    ])
}

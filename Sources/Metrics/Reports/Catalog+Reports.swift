// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore

extension Catalog {
    /// Makes a report over one snapshot of the ledger.
    ///
    /// `generatedAt` is the only "now" in it. Throws `report.unbalanced`, and gives nothing, when its numbers disagree.
    public func report(_ request: ReportRequest, generatedAt: Timestamp) async throws -> ReportDocument {
        try await read { try $0.report(request, generatedAt: generatedAt) }
    }

    /// The list behind one number of an accountability or a delivery report.
    public func details(_ measure: Measure, of row: RowKey, in request: ReportRequest) async throws -> Table {
        try await read { try $0.details(measure, of: row, in: request) }
    }

    /// Every submission that a delivery report counts and that no partner has acknowledged, with what to do about it.
    public func unacknowledged(in request: ReportRequest) async throws -> Table {
        try await read { try $0.unacknowledged(in: request) }
    }
}

extension SQLSession {
    /// Makes a report over the state that this session sees.
    public func report(_ request: ReportRequest, generatedAt: Timestamp) throws -> ReportDocument {
        switch request.kind {
        case .accountability: try AccountabilityReport(request, in: self).document(generatedAt: generatedAt)
        case .latency: try LatencyReport(request, in: self).document(generatedAt: generatedAt)
        case .delivery:
            try DeliveryReport(request, in: self).document(generatedAt: generatedAt)
        }
    }
}

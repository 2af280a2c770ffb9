// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryMetrics

extension RecordTable<DeliveryRecord> {
    static var deliveries: Self {
        RecordTable(
            brief: ["id", "destination", "granule", "state", "attempts", "sent_at", "error_code"],
            [
                .number("id") { .integer($0.id) }, .text("destination") { .text($0.submission.destination) },
                .text("identifier") { .text($0.submission.identifier) },
                .text("collection") { .text($0.granule.identity.collection.name) },
                .text("version") { .text($0.granule.identity.collection.version) },
                .text("granule") { .text($0.granule.identity.name) },
                .number("revision") { .count($0.granule.identity.revision) },
                .number("granule_id") { .integer($0.granule.id) },
            ]
                + RecordTable<SubmissionRecord>.submissions.columns.dropFirst(3).map { own in
                    Column(column: own.column) { own.cell($0.submission) }
                })
    }
}

extension RecordTable<SubmissionRecord> {
    static var submissions: Self {
        RecordTable(
            brief: ["id", "destination", "state"],
            [
                .number("id") { .integer($0.id) }, .text("destination") { .text($0.destination) },
                .text("identifier") { .text($0.identifier) }, .text("state") { .word($0.state) },
                .number("attempts") { .count($0.attempts) }, .text("created_at") { .time($0.createdAt) },
                .text("sent_at") { .known($0.sentAt) }, .text("due_at") { .known($0.dueAt) },
                .text("partner_received_at") { .known($0.partnerReceivedAt) },
                .text("partner_completed_at") { .known($0.partnerCompletedAt) },
                .text("responded_at") { .known($0.respondedAt) }, .text("reconciled_at") { .known($0.reconciledAt) },
                .text("error_code") { .known($0.errorCode) }, .text("error") { .known($0.error) },
                .text("catalog_id") { .known($0.catalogID) }, .text("catalog_url") { .known($0.catalogURL) },
            ])
    }
}

extension RecordTable<SubmissionAttemptRecord> {
    static var sends: Self {
        RecordTable(
            brief: ["number", "at", "broker_id", "error"],
            [
                .number("number") { .count($0.number) }, .text("at") { .time($0.at) },
                .text("broker_id") { .known($0.brokerID) }, .text("error") { .known($0.error) },
            ])
    }
}

extension RecordTable<ResponseRecord> {
    static var responses: Self {
        RecordTable(
            brief: ["handled_at", "verdict", "status", "error_code", "error"],
            [
                .number("id") { .integer($0.id) }, .text("handled_at") { .time($0.handledAt) },
                .text("verdict") { .text($0.verdict) }, .text("status") { .known($0.status) },
                .text("error_code") { .known($0.errorCode) }, .text("error") { .known($0.error) },
                .text("identifier") { .known($0.identifier) }, .number("message_id") { .integer($0.messageID) },
                .text("deviations") { .text($0.deviations) }, .text("findings") { .text($0.findings) },
            ])
    }
}

extension SubmissionTrace {
    /// With the message itself, and everything that came back.
    var json: JSONValue {
        var json = RecordTable.submissions.json(submission)
        json["message"] = (try? JSONValue(parsing: submission.body)) ?? .null
        json["sends"] = RecordTable.sends.json(attempts)
        json["responses"] = .array(
            responses.map { response in
                var json = RecordTable.responses.json(response)
                json["deviations"] = embedded(response.deviations)
                json["findings"] = embedded(response.findings)
                return json
            })
        return json
    }
}

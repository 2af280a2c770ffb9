// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryMetrics

extension RecordTable<GranuleRecord> {
    static var granules: Self {
        RecordTable(
            brief: ["id", "collection", "version", "name", "revision", "state", "archived_at"],
            [
                .number("id") { .integer($0.id) }, .text("collection") { .text($0.identity.collection.name) },
                .text("version") { .text($0.identity.collection.version) }, .text("name") { .text($0.identity.name) },
                .number("revision") { .count($0.identity.revision) }, .text("state") { .word($0.state) },
                .text("provider") { .text($0.provider) }, .text("processing_type") { .word($0.processingType) },
                .text("readiness") { .word($0.readiness) }, .text("verification") { .word($0.verification) },
                .number("job_id") { .known($0.jobID) }, .text("sensed_start") { .known($0.sensedStart) },
                .text("sensed_end") { .known($0.sensedEnd) }, .text("available_at") { .known($0.availableAt) },
                .text("observed_at") { .known($0.observedAt) }, .text("settled_at") { .known($0.settledAt) },
                .text("verified_at") { .known($0.verifiedAt) }, .text("archived_at") { .known($0.archivedAt) },
                .text("deadline_at") { .known($0.deadlineAt) }, .text("missing") { .text($0.missing) },
                .text("metadata") { .text($0.metadata) }, .text("reason_code") { .known($0.reasonCode) },
                .text("reason") { .known($0.reason) },
            ])
    }
}

extension RecordTable<FileRecord> {
    static var files: Self {
        RecordTable(
            brief: ["name", "type", "size", "verification", "sha256"],
            [
                .number("id") { .integer($0.id) }, .text("name") { .path($0.name) }, .text("type") { .word($0.type) },
                .number("size") { .bytes($0.size) }, .text("archive_path") { .path($0.archivePath) },
                .text("sha256") { .text($0.sha256.description) },
                .text("provided_checksum") { .known($0.providedChecksum?.description) },
                .text("verification") { .word($0.verification) }, .number("arrival_id") { .known($0.arrivalID) },
            ])
    }
}

extension RecordTable<ArrivalRecord> {
    static var arrivals: Self {
        RecordTable(
            brief: ["id", "source", "path", "size", "reason_code", "observed_at"],
            [
                .number("id") { .integer($0.id) }, .text("source") { .text($0.source) },
                .text("path") { .path($0.path) },
                .text("state") { .word($0.state) }, .number("size") { .bytes($0.size) },
                .text("generation") { .text($0.generation) }, .text("collection") { .known($0.collection?.name) },
                .text("version") { .known($0.collection?.version) }, .text("granule") { .known($0.granule) },
                .number("granule_id") { .known($0.granuleID) }, .text("file_name") { .known($0.fileName) },
                .text("file_type") { .word($0.fileType) }, .text("readiness") { .word($0.readiness) },
                .text("available_at") { .time($0.availableAt) }, .text("observed_at") { .time($0.observedAt) },
                .number("looks") { .count($0.looks) }, .text("settled_at") { .known($0.settledAt) },
                .text("ended_at") { .known($0.endedAt) }, .text("reason_code") { .known($0.reasonCode) },
                .text("reason") { .known($0.reason) }, .text("remedy") { .known($0.remedy) },
                .text("accepted_by") { .known($0.acceptedBy) },
            ])
    }
}

extension RecordTable<EventRecord> {
    static var events: Self {
        RecordTable(
            brief: ["at", "subject", "subject_id", "from", "to", "cause", "actor"],
            [
                .number("id") { .integer($0.id) }, .text("at") { .time($0.at) }, .text("subject") { .word($0.subject) },
                .number("subject_id") { .integer($0.subjectID) }, .text("from") { .known($0.from) },
                .text("to") { .text($0.to) }, .text("cause") { .text($0.cause.what) },
                .text("actor") { .text($0.cause.actor) }, .text("detail") { .known($0.cause.detail) },
            ])
    }
}

extension GranuleRecord {
    /// The granule with its metadata and what it lacks as the JSON that they are.
    var json: JSONValue {
        var json = RecordTable.granules.json(self)
        json["missing"] = embedded(missing)
        json["metadata"] = embedded(metadata)
        json["bbox"] =
            footprint.map { [.number($0.west), .number($0.south), .number($0.east), .number($0.north)] } ?? .null
        return json
    }
}

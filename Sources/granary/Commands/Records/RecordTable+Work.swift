// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryMetrics

extension RecordTable<JobRecord> {
    static var jobs: Self {
        RecordTable(
            brief: ["id", "process", "process_version", "state", "accepted_at", "failure_class", "short_error"],
            [
                .number("id") { .integer($0.id) }, .text("process") { .text($0.process) },
                .text("process_version") { .text($0.processVersion) }, .text("rule") { .known($0.rule) },
                .text("state") { .word($0.state) }, .text("processing_type") { .word($0.processingType) },
                .number("priority") { .count($0.priority) }, .text("parameters") { .text($0.parameters) },
                .text("accepted_at") { .time($0.acceptedAt) }, .text("started_at") { .known($0.startedAt) },
                .text("ended_at") { .known($0.endedAt) }, .text("failure_class") { .word($0.failureClass) },
                .text("short_error") { .known($0.shortError) }, .text("error") { .known($0.error) },
            ])
    }
}

extension RecordTable<JobAttemptRecord> {
    static var jobAttempts: Self {
        RecordTable(
            brief: ["number", "started_at", "ended_at", "exit_code", "failure_class"],
            [
                .number("number") { .count($0.number) }, .text("started_at") { .time($0.startedAt) },
                .text("ended_at") { .known($0.endedAt) }, .number("exit_code") { .known($0.exitCode) },
                .text("failure_class") { .word($0.failureClass) }, .text("error") { .known($0.error) },
                .text("directory") { .text($0.directory) }, .text("command") { .text($0.commandLine) },
            ])
    }
}

extension RecordTable<RuleFiring> {
    static var firings: Self {
        RecordTable(
            brief: ["rule", "job_id", "fired_at"],
            [
                .text("rule") { .text($0.rule) }, .text("rule_version") { .text($0.ruleVersion) },
                .text("input_key") { .text($0.inputKey) }, .number("job_id") { .integer($0.jobID) },
                .text("fired_at") { .time($0.firedAt) },
            ])
    }
}

extension JobAttemptRecord {
    /// The command as it could be typed into a shell.
    var commandLine: String {
        guard let words = embedded(command).array else { return command }
        return words.map { quoted($0.string ?? $0.text) }.joined(separator: " ")
    }
}

/// A word for a shell: in quotes unless it is plain.
private func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B...0x2F, UInt8(ascii: "_"), UInt8(ascii: "="),
            UInt8(ascii: ":"),
            UInt8(ascii: "@"), UInt8(ascii: "%"):
            true
        default: false
        }
    }
    let inner = word.unicodeScalars.map { $0 == "'" ? #"'\''"# : String($0) }.joined()
    return plain && !word.isEmpty ? word : "'\(inner)'"
}

extension JobTrace {
    var json: JSONValue {
        var json = RecordTable.jobs.json(job)
        json["parameters"] = embedded(job.parameters)
        json["attempts"] = .array(
            attempts.map { attempt in
                var json = RecordTable.jobAttempts.json(attempt)
                json["command"] = embedded(attempt.command)
                return json
            })
        return json
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Logging

/// One JSON object a line on standard error: what services write their logs as.
struct JSONLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let clock = SystemClock()

    init(label: String, level: Logger.Level) {
        self.label = label
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line: JSONObject = [
            "ts": .string(clock.now().description), "level": .string(event.level.rawValue), "logger": .string(label),
            "msg": .string(event.message.description),
        ]
        let all = metadata.merging(event.metadata ?? [:]) { _, given in given }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line[key] = .string(value.description) }
        standardError(JSONValue.object(line).text)
    }
}

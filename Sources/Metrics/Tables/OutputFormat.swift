// SPDX-License-Identifier: Apache-2.0

/// How a table or a report is written: the words of `-o`.
public enum OutputFormat: String, Sendable, Hashable, CaseIterable, Codable {
    /// Aligned text for people; its shape may change from release to release.
    case table
    /// One JSON value with its members in a fixed order.
    case json
    /// One JSON object on a line for each row, and nothing else.
    case jsonl
    /// RFC 4180: a header, then the rows, and nothing else.
    case csv
}

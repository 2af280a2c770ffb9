// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension Table {
    /// The table as RFC 4180 has it. Texts that a spreadsheet would run as a formula begin with an apostrophe.
    var commaSeparated: String {
        let header = columns.map { quoted($0.name) }
        let lines = rows.map { $0.map { quoted($0.isText ? disarmed($0.exact) : $0.exact) } }
        return ([header] + lines).map { $0.joined(separator: ",") + "\r\n" }.joined()
    }
}

private func disarmed(_ text: String) -> String {
    switch text.utf8.first {
    case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), UInt8(ascii: "\t"),
        UInt8(ascii: "\r"), UInt8(ascii: "\n"):
        "'" + text
    default: text
    }
}

private func quoted(_ text: String) -> String {
    // By bytes: to Swift, CR LF is one character that is neither CR nor LF.
    let special = text.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0D, 0x0A].contains($0) }
    guard special || text.utf8.first == 0x20 || text.utf8.last == 0x20 else { return text }
    let inner = text.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined()
    return "\"\(inner)\""
}

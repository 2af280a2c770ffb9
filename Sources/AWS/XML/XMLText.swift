// SPDX-License-Identifier: Apache-2.0

/// Writes small documents: requests that list parts or keys.
struct XMLText {
    private(set) var text = ""

    mutating func element(_ name: String, _ value: String) { text += "<\(name)>\(xmlEscaped(value))</\(name)>" }

    mutating func element(_ name: String, attributes: String = "", _ body: (inout XMLText) -> Void) {
        text += "<\(name)\(attributes)>"
        body(&self)
        text += "</\(name)>"
    }

    var bytes: [UInt8] { Array(text.utf8) }
}

/// Escapes markup, and the line ends that a parser would change.
func xmlEscaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": escaped += "&amp;"
        case "<": escaped += "&lt;"
        case ">": escaped += "&gt;"
        case "\"": escaped += "&quot;"
        case "\r": escaped += "&#13;"
        case "\n": escaped += "&#10;"
        case "\t": escaped += "&#9;"
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}

/// True when XML 1.0 has a way to write every character of the text.
func isXMLText(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
        switch scalar.value {
        case 0x9, 0xA, 0xD, 0x20...0xFFFD: scalar.value < 0xFFFE
        case 0x10000...: true
        default: false
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

extension Table {
    /// The table for people: headings, a rule, and columns two spaces apart.
    var aligned: String { aligned(rows.map { $0.map(\.visible) }) }

    /// The same with longer cells cut in their middle, so that one long name does not spoil a list.
    package func aligned(cellWidth: Int) -> String { aligned(rows.map { $0.map { elided($0.visible, cellWidth) } }) }

    private func aligned(_ cells: [[String]]) -> String {
        let headings = columns.map(\.heading)
        let widths = columns.indices.map { place in
            ([headings] + cells).map { displayWidth($0[place]) }.max() ?? 0
        }
        let rule = widths.map { String(repeating: "-", count: $0) }
        return ([headings, rule] + cells).map { line($0, widths) + "\n" }.joined()
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let parts = columns.indices.map { place in
            let gap = String(repeating: " ", count: widths[place] - displayWidth(cells[place]))
            return columns[place].alignment == .leading ? cells[place] + gap : gap + cells[place]
        }
        let text = parts.joined(separator: "  ")
        return String(text[..<(text.lastIndex { $0 != " " }.map(text.index(after:)) ?? text.startIndex)])
    }
}

/// Beginning and end of a text that is too long, with `…` between them.
private func elided(_ text: String, _ width: Int) -> String {
    text.count <= width ? text : "\(text.prefix(width / 2))…\(text.suffix(width - width / 2 - 1))"
}

/// How many columns of a terminal a text takes: East Asian wide characters take two.
func displayWidth(_ text: String) -> Int {
    text.reduce(0) { width, character in
        width + (character.unicodeScalars.first.map { isWide($0) ? 2 : 1 } ?? 0)
    }
}

private func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
        true
    default: false
    }
}

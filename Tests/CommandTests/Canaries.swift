// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCore

/// Secrets that are planted to see whether they turn up anywhere: in themselves, or as base64 or hexadecimal.
///
/// All of them hold one mark, so that one search finds each of them, whatever stands before and after it. The mark holds
/// nothing that percent-encoding or JSON would write otherwise.
struct Canaries: Sendable {
    let mark = "CaNaRy" + SystemRandomness().identifier().filter { $0 != "-" }.prefix(12)
    /// Passwords of real servers, which must not turn up either.
    var real: [String] = []

    /// One of them, told from others by its name.
    func secret(_ name: String) -> String { "x/\(mark)+\(name)=" }

    private var needles: [(String, Data)] {
        ([mark] + real).flatMap { word in Self.forms(of: word).map { (word, $0) } }
    }

    /// What of them is in some bytes.
    func found(in bytes: Data) -> [String] { needles.filter { bytes.range(of: $0.1) != nil }.map(\.0) }
    func found(in text: String) -> [String] { found(in: Data(text.utf8)) }

    /// Finds in every file below a folder, with the file's path.
    func found(below folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).flatMap { name -> [String] in
            let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
            return (found(in: bytes) + found(in: name)).map { "\($0) in \(name)" }
        }
    }

    /// A word as it is, in hexadecimal, and in base64 at each of the three places where it may begin.
    static func forms(of word: String) -> [Data] {
        let bytes = Data(word.utf8)
        let hex = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let coded = (0..<3).map { shift in
            let text = (Data(repeating: 0, count: shift) + bytes).base64EncodedString().filter { $0 != "=" }
            // What depends on the neighbours goes.
            return String(text.dropFirst([0, 2, 3][shift]).dropLast((shift + bytes.count) % 3 == 0 ? 0 : 1))
        }
        return [bytes] + ([hex, hex.uppercased()] + coded).map { Data($0.utf8) }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// Compares what a partner says it has with what was sent to it.
///
/// A SUCCESS does not prove integrity: partners rename, drop and add files. Each difference is a finding, a sentence; none
/// changes the submission's state.
enum ReceiptCheck {
    /// Nothing to say when the response lists no files.
    static func findings(sent: [PartnerFile], received: [PartnerFile]?) -> [String] {
        guard let received else { return [] }
        let answered = Dictionary(received.compactMap { file in name(file).map { ($0, file) } }) { first, _ in first }
        let known = Set(sent.compactMap(name))
        let missing = sent.filter { name($0).map { answered[$0] == nil } ?? false }
        let added = received.filter { name($0).map { !known.contains($0) } ?? true }
        return missing.map { "\(label($0)) was sent, and the receipt lacks it." }
            + added.map { "\(label($0)) is in the receipt, and was not sent." }
            + sent.flatMap { file in name(file).flatMap { answered[$0] }.map { differences(file, $0) } ?? [] }
    }

    private static func differences(_ sent: PartnerFile, _ received: PartnerFile) -> [String] {
        var findings: [String] = []
        if let size = sent.size, let theirs = received.size, size != theirs {
            findings.append("\(label(sent)) has \(theirs) bytes in the receipt, and was sent with \(size).")
        }
        // Another algorithm says nothing about these bytes.
        if let checksum = sent.checksum, let theirs = received.checksum, checksum.algorithm == theirs.algorithm,
            checksum != theirs
        {
            findings.append("\(label(sent)) has \(theirs) in the receipt, and was sent with \(checksum).")
        }
        return findings
    }

    private static func name(_ file: PartnerFile) -> BytePath? { file.name.map { BytePath($0) } }

    private static func label(_ file: PartnerFile) -> String { shown(file.name ?? "a file without a name") }
}

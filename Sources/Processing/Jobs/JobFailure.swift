// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// Why an attempt failed.
struct JobFailure: Error, Sendable, Hashable {
    var kind: FailureClass
    /// The whole story; its first line is the short form.
    let message: String
    var exitCode: Int32?
    /// True when the same inputs will fail in the same way, so that another try is waste.
    var isPermanent = false

    init(_ kind: FailureClass, _ message: String, exitCode: Int32? = nil, isPermanent: Bool = false) {
        self.kind = kind
        self.message = storable(message)
        self.exitCode = exitCode
        self.isPermanent = isPermanent
    }

    /// The first line, cut to a length that groups well.
    var short: String {
        let line = message.split(separator: "\n", maxSplits: 1).first ?? "no reason given"
        return line.count <= Limits.shortError ? String(line) : line.prefix(Limits.shortError - 1) + "…"
    }
}

extension JobFailure {
    /// Nil when the attempt ended well. The job's own words, in `_alt_error.txt`, come before ours.
    init?(_ outcome: RunOutcome, of process: Process, in directory: JobDirectory) {
        let (kind, code, said): (FailureClass, Int32?, String)
        switch outcome {
        case .exited(0): return nil
        case .exited(let status): (kind, code, said) = (.exit, status, "Exit code \(status)")
        case .signalled(let signal): (kind, code, said) = (.signal, nil, "Ended by signal \(signal)")
        case .timedOut: (kind, code, said) = (.timeout, nil, "Ended at its time limit of \(process.softLimit)")
        }
        self.init(kind, directory.text("_alt_error.txt") ?? story(said, directory.tail("_stderr.txt")), exitCode: code)
    }

    /// A fault of ours, or of the disk, before or after the command ran.
    init(_ error: any Error, while kind: FailureClass) {
        guard let error = error as? GranaryError else {
            self.init(kind, "\(error)")
            return
        }
        self.init(error.code == .storeFull ? .disk : kind, "\(error.message)\n\(error.remedy)")
    }

    /// What kept the products out of the archive; nil when all of them are in it.
    init?(_ verdicts: [GranuleVerdict]) {
        let faults = verdicts.compactMap(\.fault)
        guard !faults.isEmpty else { return nil }
        let sentences = faults.map { "\($0.error.message)\n\($0.error.remedy)" }
        self.init(
            .publish, sentences.joined(separator: "\n"), isPermanent: faults.contains { $0.isPermanent })
    }
}

extension GranuleVerdict {
    fileprivate var fault: (error: GranaryError, isPermanent: Bool)? {
        switch self {
        case .archived, .duplicate: nil
        case .quarantined(let error): (error, true)
        case .postponed(let error): (error, false)
        }
    }
}

/// The last thing said is nearly always the reason; the rest follows for reading.
private func story(_ said: String, _ log: String) -> String {
    let lines = log.split(separator: "\n")
    guard let last = lines.last(where: { !$0.allSatisfy(\.isWhitespace) }) else { return said + "." }
    return "\(said): \(last)" + (lines.count > 1 ? "\n\n\(log)" : "")
}

/// Text that any database keeps as it is: bounded, and without NUL.
private func storable(_ text: String) -> String {
    let bytes = text.utf8.prefix(Limits.storedText).map { $0 == 0 ? UInt8(ascii: "?") : $0 }
    return String(decoding: bytes, as: UTF8.self)
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryMetrics

/// How wide a page for people is, in columns of a terminal.
private let pageWidth = 108

extension GranuleTrace {
    /// The life of the granule as people read it: what it is, its files, what happened when, where it comes from and
    /// what was made of it. Never coloured, and no name can drive a terminal.
    var text: String {
        ([heading] + [filesPart, arrivalsPart, timelinePart, lineagePart].compactMap(\.self)).joined(separator: "\n\n")
            + "\n"
    }

    private var heading: String {
        let facts = [
            "provider \(granule.provider)", granule.processingType.rawValue,
            "finished by \(granule.readiness.sentence)",
            granule.jobID.map { "made by job \($0)" },
        ]
        let reason = granule.reason.map { ["\(granule.reasonCode ?? "reason"): \($0)"] } ?? []
        let missing = granule.missing == "[]" ? [] : ["still missing: \(granule.missing)"]
        let lines = [facts.compactMap(\.self).joined(separator: ", ")] + reason + missing
        return
            (["granule \(granule.id)  \(visible(granule.identity.description))  \(granule.state.rawValue)"]
            + lines.flatMap { indented($0, 2) })
            .joined(separator: "\n")
    }

    private var filesPart: String? {
        guard !files.isEmpty else { return nil }
        return section("Files", files.flatMap { $0.lines })
    }

    /// Arrivals of which no file came: those that are open, set aside or refused.
    private var arrivalsPart: String? {
        let others = arrivals.filter { $0.state != .archived }
        guard !others.isEmpty else { return nil }
        return section("Arrivals that are not archived", others.flatMap { $0.lines })
    }

    private var timelinePart: String? {
        var before: Timestamp?
        let lines = steps.flatMap { step in
            defer { before = step.at }
            return (before?.day == step.at.day ? [] : ["  \(step.at.day)"]) + step.lines(after: before)
        }
        return section("Timeline (UTC; + is the time since the line above)", lines)
    }

    private var lineagePart: String? {
        let lines = parents.map { "  made from  \($0.line)" } + children.map { "  made into  \($0.line)" }
        return lines.isEmpty ? nil : section("Lineage", lines)
    }

    private func section(_ title: String, _ lines: [String]) -> String { ([title] + lines).joined(separator: "\n") }
}

extension GranuleRecord {
    fileprivate var line: String { "granule \(id)  \(visible(identity.description))  \(state.rawValue)" }
}

extension FileRecord {
    fileprivate var lines: [String] {
        let proof = providedChecksum.map { provided in
            provided == sha256
                ? "the provider promised the same" : "the provider promised \(provided), and every byte agrees"
        }
        return indented("\(type.rawValue)  \(name)  \(size) bytes", 2)
            + indented("archived as \(archivePath)", 6) + indented("\(sha256)", 6)
            + indented(proof ?? Verification.own.sentence, 6)
    }
}

extension ArrivalRecord {
    fileprivate var lines: [String] {
        indented("arrival \(id)  \(path)  \(state.rawValue)", 2)
            + indented([reasonCode, reason.map(visible)].compactMap(\.self).joined(separator: ": "), 6)
            + indented(remedy.map { "do: \(visible($0))" } ?? "", 6)
    }
}

extension TraceStep {
    /// `03:11:37.000   +1:02:03  archived         durable, and in the ledger`; what is too long goes on below.
    fileprivate func lines(after before: Timestamp?) -> [String] {
        let start = "  \(at.timeOfDay)  \(padded(before.map { signed(at - $0) } ?? "", 10, leading: true))  "
        let words = pieces(visible(what), detailColumn - start.count - 2)
        let all = detail.map { pieces(visible($0), pageWidth - detailColumn) } ?? []
        let details = all.count <= longestDetail ? all : all.prefix(longestDetail - 1) + ["…"]
        return (0..<max(words.count, details.count)).map { place in
            let margin = place == 0 ? start : padded("", start.count)
            let word = place < words.count ? words[place] : ""
            let detail = place < details.count ? details[place] : ""
            return detail.isEmpty ? margin + word : padded(margin + word, detailColumn) + detail
        }
    }

    private func signed(_ duration: Duration) -> String { (duration < .zero ? "" : "+") + duration.brief }
}

extension Timestamp {
    fileprivate var day: Substring { description.prefix(10) }
    /// To the millisecond.
    fileprivate var timeOfDay: Substring { description.dropFirst(11).prefix(12) }
}

/// Where details stand, behind time, delta and the longest common step.
private let detailColumn = 60

/// In lines: a command can be a whole script, which `granary job show` prints.
private let longestDetail = 5

private func padded(_ text: String, _ width: Int, leading: Bool = false) -> String {
    let gap = String(repeating: " ", count: max(0, width - text.count))
    return leading ? gap + text : text + gap
}

/// On one line, whatever it was.
private func visible(_ text: String) -> String {
    tamed(text.split(separator: "\n").joined(separator: " "))
}

private func indented(_ text: String, _ columns: Int) -> [String] {
    text.isEmpty ? [] : pieces(text, pageWidth - columns).map { String(repeating: " ", count: columns) + $0 }
}

/// The text in lines of at most `width` letters, broken at spaces where there are any.
private func pieces(_ text: String, _ width: Int) -> [String] {
    var rest = text[...]
    var lines: [String] = []
    while rest.count > width {
        let end = rest.index(rest.startIndex, offsetBy: width)
        let space = rest[..<end].lastIndex(of: " ").flatMap { $0 > rest.startIndex ? $0 : nil }
        lines.append(String(rest[..<(space ?? end)]))
        rest = rest[(space.map(rest.index(after:)) ?? end)...]
    }
    return lines + [String(rest)]
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import Synchronization

/// Turns a listing, as it arrives, into lines of our own: one `write` to the sink for each thing listed.
final class HTTPListing: ByteSink {
    private struct State {
        var scanner: Scanner
        /// Pages with pictures link each thing twice in a row.
        var last: ListedLine?
        var firstFile: ListedLine?
    }

    private enum Scanner {
        case html(LinkScanner)
        case json(IndexScanner)
    }

    private let state: Mutex<State>
    private let rule: LinkRule
    private let sink: any ByteSink

    /// Throws when the answer is of a kind that no listing is of.
    init(_ answer: TransferAnswer, _ rule: LinkRule, into sink: any ByteSink) throws(GranaryError) {
        let type = (answer.header("Content-Type") ?? "").lowercased()
        if type.hasPrefix("text/html") || type.hasPrefix("application/xhtml+xml") {
            state = Mutex(State(scanner: .html(LinkScanner())))
        } else if type.hasPrefix("application/json") {
            state = Mutex(State(scanner: .json(IndexScanner())))
        } else {
            throw .noListing("it is '\(BytePath(type))', neither HTML nor JSON")
        }
        self.rule = rule
        self.sink = sink
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            for line in try lines(&state, bytes) where line != state.last {
                state.last = line
                if line.kind == .file, line.status != nil, state.firstFile == nil { state.firstFile = line }
                try line.bytes.withUnsafeBytes { try sink.write($0) }
            }
        }
    }

    /// The first file whose size and time the listing states. Throws unless the listing was whole.
    func finish() throws(GranaryError) -> ListedLine? {
        try state.withLock { (state) throws(GranaryError) in
            switch state.scanner {
            case .html(let scanner): try scanner.finish()
            case .json(let scanner): try scanner.finish()
            }
            return state.firstFile
        }
    }

    private func lines(_ state: inout State, _ bytes: UnsafeRawBufferPointer) throws(GranaryError) -> [ListedLine] {
        switch state.scanner {
        case .html(var scanner):
            let links = try scanner.take(bytes)
            state.scanner = .html(scanner)
            return links.compactMap { ListedLine(rule.meaning(of: $0)) }
        case .json(var scanner):
            let entries = try scanner.take(bytes)
            state.scanner = .json(scanner)
            return entries.map { ListedLine($0) }
        }
    }
}

/// One thing listed, as a line that a `ListingSpool` keeps: kind, size, time, name.
struct ListedLine: Sendable, Hashable {
    var kind: StoreEntry.Kind
    var name: [UInt8]
    var status: RemoteStatus?

    init?(_ meaning: LinkRule.Meaning) {
        switch meaning {
        case .furniture: return nil
        case .file(let name): (kind, self.name) = (.file, name)
        case .directory(let name): (kind, self.name) = (.directory, name)
        // A slash in a name makes a path that is refused.
        case .refused(let link): (kind, name) = (.file, [slash] + link)
        }
    }

    init(_ entry: IndexEntry) {
        kind = entry.type == "file" ? .file : entry.type == "directory" ? .directory : .device
        let isDots = entry.name.elementsEqual(".".utf8) || entry.name.elementsEqual("..".utf8)
        name = isDots ? [slash] + entry.name : entry.name
        guard kind == .file, let size = entry.size, size >= 0, let modified = entry.modified else { return }
        status = RemoteStatus(size: size, modified: modified.microseconds / 1_000_000)
    }

    var bytes: [UInt8] {
        Array("\(kind.rawValue)\t\(status?.generation ?? "-")\t".utf8) + name + [UInt8(ascii: "\n")]
    }

    /// Reads `bytes` back, without the line feed.
    init?(_ line: [UInt8]) {
        let parts = line.split(separator: 0x09, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let kind = StoreEntry.Kind(rawValue: String(decoding: parts[0], as: UTF8.self)) else {
            return nil
        }
        self.kind = kind
        name = Array(parts[2])
        status = RemoteStatus(generation: String(decoding: parts[1], as: UTF8.self))
    }

    /// - Parameter isExact: whether what the listing states of files is what the server says of each.
    func listed(isExact: Bool) -> ListedName {
        ListedName(
            name: name, kind: kind, size: status?.size ?? 0, stamp: status?.generation ?? "",
            status: isExact ? status : nil)
    }
}

private let slash = UInt8(ascii: "/")

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// What a manifest promises of one file.
public struct PromisedFile: Sendable, Hashable {
    /// The file's path at the source.
    public var path: BytePath
    public var checksum: Checksum

    public init(path: BytePath, checksum: Checksum) {
        self.path = path
        self.checksum = checksum
    }
}

/// Reads checksum sidecars and lists.
public enum ManifestParser {
    /// Every promise of a manifest, or an error that names the line that cannot be read.
    ///
    /// A manifest is believed whole or not at all: one that is torn must not make half a delivery look proven. Names are
    /// taken relative to the manifest's folder, and refused when they would leave the source.
    ///
    /// - Parameter isSettled: whether the manifest is finished. Before that a last line without an end may be half of one:
    ///   half a name is the name of another file.
    public static func promises(of manifest: ManifestName, content: [UInt8], isSettled: Bool) throws -> [PromisedFile] {
        let lines = lines(of: content)
        guard let last = lines.last else { throw unreadable(manifest, "it is empty") }
        var promises = ConsistentPromises()
        for (number, line) in lines {
            let parsed = try parsed(line, manifest, number: number)
            if !isSettled, number == last.0, parsed.endsWithName, content.last != UInt8(ascii: "\n") {
                throw unreadable(manifest, "its last line has no end yet")
            }
            guard promises.add(try promise(parsed, manifest, number: number)) else {
                throw unreadable(manifest, "line \(number) contradicts an earlier one about the same file")
            }
        }
        return promises.files
    }

    private static func parsed(_ line: ArraySlice<UInt8>, _ manifest: ManifestName, number: Int) throws -> ChecksumLine
    {
        guard let parsed = ChecksumLine(line, expected: manifest.algorithm) else {
            throw unreadable(
                manifest, "line \(number) is no checksum\(manifest.algorithm.map { " of kind \($0.rawValue)" } ?? "")")
        }
        return parsed
    }

    private static func promise(_ parsed: ChecksumLine, _ manifest: ManifestName, number: Int) throws -> PromisedFile {
        guard let path = path(of: parsed, in: manifest) else {
            throw unreadable(manifest, "line \(number) has a digest, and names no file")
        }
        guard !path.isUnsafe else {
            throw unreadable(manifest, "line \(number) names “\(path)”, which is not inside the source")
        }
        return PromisedFile(path: path, checksum: parsed.checksum)
    }

    /// The path that a line means. A sidecar speaks of the file it is beside, whatever folder its author wrote it in.
    private static func path(of line: ChecksumLine, in manifest: ManifestName) -> BytePath? {
        guard let name = line.name else { return manifest.sidecarOf }
        if let sidecarOf = manifest.sidecarOf, name.name == sidecarOf.name { return sidecarOf }
        let relative = name.bytes.starts(with: "./".utf8) ? BytePath(name.bytes.dropFirst(2)) : name
        return manifest.path.directory.appending(relative)
    }

    /// Numbered lines without line ends, byte-order mark, blank lines and comments.
    private static func lines(of content: [UInt8]) -> [(Int, ArraySlice<UInt8>)] {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = content.starts(with: mark) ? content.dropFirst(3) : content[...]
        return text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
            .map { ($0 + 1, trimmed($1)) }
            .filter { !$1.isEmpty && $1.first != UInt8(ascii: "#") && $1.first != UInt8(ascii: ";") }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        while let last = line.last,
            last == UInt8(ascii: "\r") || last == UInt8(ascii: " ") || last == UInt8(ascii: "\t")
        {
            line.removeLast()
        }
        return line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    private static func unreadable(_ manifest: ManifestName, _ why: String) -> GranaryError {
        GranaryError(
            "manifest.unreadable", "Manifest \(manifest.path) cannot be believed: \(why).",
            subject: manifest.path.description,
            remedy: "Ask the provider to send it again; the files that it speaks of wait for it.",
            disposition: .quarantine)
    }
}

/// The promises of one manifest, each once; of one file and algorithm there is but one digest.
private struct ConsistentPromises {
    private struct Key: Hashable {
        var path: BytePath
        var algorithm: Checksum.Algorithm
    }

    private(set) var files: [PromisedFile] = []
    private var digests: [Key: String] = [:]

    /// False when it contradicts an earlier one.
    mutating func add(_ promise: PromisedFile) -> Bool {
        let key = Key(path: promise.path, algorithm: promise.checksum.algorithm)
        if let earlier = digests[key] { return earlier == promise.checksum.hex }
        digests[key] = promise.checksum.hex
        files.append(promise)
        return true
    }
}

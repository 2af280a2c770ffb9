// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// The first look at a new entry: what it is by kind and name alone.
enum Triage {
    /// A file of a granule.
    case member(RecognizedName)
    case manifest(ManifestName)
    /// A finished file that no collection knows will be set aside; it may still be renamed until then.
    case unknown
    /// Not ours to archive, and known to be so at once.
    case ended(ArrivalState, Reason)

    /// - Throws: what `NameRecognizer` throws, to be recorded with the arrival.
    init(_ entry: StoreEntry, by watcher: WatcherConfiguration, names: NameRecognizer) throws {
        let name = entry.path.name
        if entry.kind != .file {
            self = .ended(.rejected, .kind(entry.kind))
        } else if let reason = Reason(unsafeName: entry.path) {
            self = .ended(.rejected, reason)
        } else if entry.path.isUnsafe {
            self = entry.isFolderMarker ? .ended(.ignored, .folderMarker) : .ended(.rejected, .unsafePath)
        } else if let glob = watcher.temporary.first(where: { $0.matches(name) }) {
            self = .ended(.ignored, .temporary(glob))
        } else if let glob = watcher.exclude.first(where: { $0.matches(name) }) {
            self = .ended(.ignored, .excluded(glob))
        } else if let manifest = ManifestName(entry.path) {
            self = .manifest(manifest)
        } else if let recognized = try names.recognize(name) {
            self = .member(recognized)
        } else {
            self = .unknown
        }
    }
}

extension StoreEntry {
    /// What consoles put where somebody “makes a folder” in an object store: `folder/`, without a byte.
    fileprivate var isFolderMarker: Bool {
        let folder = path.directory
        return size == 0 && !folder.isUnsafe && path.bytes.count == folder.bytes.count + 1
    }
}

/// Why an arrival is where it is: a stable code, a sentence, and what an operator can do.
struct Reason: Sendable, Hashable {
    var code: String
    var text: String
    var remedy: String

    init(_ code: String, _ text: String, remedy: String) {
        self.code = code
        self.text = text
        self.remedy = remedy
    }

    init(_ error: GranaryError) {
        self.init(error.code.rawValue, error.message, remedy: error.remedy)
    }
}

extension Reason {
    static func kind(_ kind: StoreEntry.Kind) -> Reason {
        Reason(
            "kind.\(kind.rawValue.split(separator: " ").joined(separator: "-"))",
            "It is a \(kind.rawValue), not a file; it was not followed or opened.", remedy: "Put the file itself there."
        )
    }

    /// A name that no message or table can carry safely.
    init?(unsafeName path: BytePath) {
        guard let text = path.text else {
            self.init(
                "name.not-utf8", "Its name is not UTF-8, so no message can carry it.",
                remedy: "Have it renamed at the source.")
            return
        }
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return nil }
        self.init("name.control", "Its name holds control characters.", remedy: "Have it renamed at the source.")
    }

    /// A key that an object store may hold, and that is no path below any folder: `a//b`, `../x`, `/x`, `folder/`.
    static let unsafePath = Reason(
        "name.unsafe",
        "Its path has an empty part, “.” or “..”, so it names no file below a folder; it was not fetched.",
        remedy: "Have it put there under a plain path.")
    static let folderMarker = Reason(
        "name.folder", "It is an empty object that only marks a folder.", remedy: "Nothing to do.")

    static func temporary(_ glob: NameGlob) -> Reason {
        Reason(
            "name.temporary", "Its name says that it is not finished (\(glob.source)).",
            remedy: "Nothing to do: it is looked at again under its final name.")
    }

    static func excluded(_ glob: NameGlob) -> Reason {
        Reason(
            "name.excluded", "The configuration excludes it (\(glob.source)).",
            remedy: "Change `exclude` of the watcher if it is wanted.")
    }

    static let unknown = Reason(
        "name.unknown", "No collection's naming pattern matches its name.",
        remedy: "Correct the name, or add a pattern and `granary quarantine retry` it.")
    static let manifestRead = Reason(
        "manifest.read", "A manifest: its checksums have been taken over.", remedy: "Nothing to do.")
    static let empty = Reason(
        "file.empty", "It has no bytes, and no manifest says that it should have none.",
        remedy: "Ask the provider to send it again, or to state a checksum for it.")
    static let noChecksum = Reason(
        "checksum.missing", "Nobody stated a checksum for it in time, and its collection requires one.",
        remedy:
            "Ask the provider for the checksum; the file is taken up when it comes and you `granary quarantine retry` it."
    )
    static let replaced = Reason(
        "source.replaced", "Another generation of the same path took its place before it was archived.",
        remedy: "Nothing to do: the newer one is handled by itself.")
    static let gone = Reason(
        "source.gone", "It was gone before it was archived.",
        remedy: "If it was wanted, ask the provider to send it again.")
    static let attemptEnded = Reason(
        "attempt.ended", "The job or message that brought it was taken up anew.",
        remedy: "Nothing to do: the newer attempt brings it again.")
}

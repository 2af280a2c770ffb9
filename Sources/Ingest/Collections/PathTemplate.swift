// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// Where a file lies in the archive: a pure function of the granule and the file's name.
///
/// Text with words in braces: `collection version granule revision name year month day doy`, and every named group of the
/// pattern that matched. From the second revision on, a template without `{revision}` gets a folder `r2`, `r3` … before the name.
public struct PathTemplate: Sendable, Hashable {
    public let source: String
    private let parts: [Part]

    private enum Part: Sendable, Hashable {
        case text(String)
        case word(String)
    }

    /// `SHORTNAME.VERSION/granule/file`.
    public static let standard = PathTemplate(parts: [
        .word("collection"), .text("."), .word("version"), .text("/"), .word("granule"), .text("/"), .word("name"),
    ])

    /// Throws when a brace is left open, or `{name}` is missing: two files of a granule would then share one path.
    ///
    /// Without `{granule}`, granules that have a file of the same name get in each other's way; the second is set aside.
    public init(_ source: String) throws {
        var parts: [Part] = []
        var rest = Substring(source)
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw Self.invalid(source, "a brace is left open")
            }
            parts += [.text(String(rest[..<open])), .word(String(rest[rest.index(after: open)..<close]))]
            rest = rest[rest.index(after: close)...]
        }
        parts.append(.text(String(rest)))
        guard parts.contains(.word("name")) else {
            throw Self.invalid(source, "it lacks {name}, so that two files of a granule could share one path")
        }
        self.init(source: source, parts: parts)
    }

    private init(source: String = "{collection}.{version}/{granule}/{name}", parts: [Part]) {
        self.source = source
        self.parts = parts
    }

    /// The path of one file. Throws when a word has no value here, or the path would not be a safe one.
    public func path(for granule: GranuleID, file: BytePath, groups: [String: String], sensed: SensedTime?) throws
        -> BytePath
    {
        let words = Self.words(granule, groups: groups, sensed: sensed)
        var bytes: [UInt8] = []
        for part in parts {
            switch part {
            case .text(let text): bytes += text.utf8
            case .word("name"):
                if granule.revision > 1, !parts.contains(.word("revision")) { bytes += "r\(granule.revision)/".utf8 }
                bytes += file.bytes
            case .word(let word):
                guard let value = words[word] else { throw Self.invalid(source, "{\(word)} has no value for \(file)") }
                guard !value.utf8.contains(UInt8(ascii: "/")) else { throw refused(file, "{\(word)} is “\(value)”") }
                bytes += value.utf8
            }
        }
        return try safe(BytePath(bytes), file)
    }

    private func safe(_ path: BytePath, _ file: BytePath) throws -> BytePath {
        if path.isUnsafe { throw refused(file, "the path would be “\(path)”") }
        if path.components.contains(where: { $0.count > 255 }) {
            throw refused(file, "a component is longer than 255 bytes")
        }
        return path
    }

    private func refused(_ file: BytePath, _ why: String) -> GranaryError {
        GranaryError(
            .pathRefused, "\(file) has no safe place in the archive: \(why).", subject: file.description,
            remedy: "Correct the file's name, or the collection's archive path \(source).", disposition: .quarantine)
    }

    private static func words(_ granule: GranuleID, groups: [String: String], sensed: SensedTime?) -> [String: String] {
        var words = groups
        words["collection"] = granule.collection.name
        words["version"] = granule.collection.version
        words["granule"] = granule.name
        words["revision"] = String(granule.revision)
        if let start = sensed?.start {
            let text = start.description
            words["year"] = String(text.prefix(4))
            words["month"] = String(text.dropFirst(5).prefix(2))
            words["day"] = String(text.dropFirst(8).prefix(2))
            words["doy"] = start.dayOfYear
        }
        return words
    }

    private static func invalid(_ source: String, _ why: String) -> GranaryError {
        GranaryError(
            .configurationInvalid, "The archive path \(source) cannot be used: \(why).", subject: source,
            remedy: "Words are written {granule}; see docs/configuration.md for those that exist.",
            disposition: .quarantine)
    }
}

extension Timestamp {
    /// The day of the year with three digits, as operators count.
    fileprivate var dayOfYear: String {
        guard let newYear = Timestamp(parsing: "\(description.prefix(4))-01-01") else { return "000" }
        let number = String((self - newYear).components.seconds / 86_400 + 1)
        return String(repeating: "0", count: max(0, 3 - number.count)) + number
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The profiles of AWS's shared files, `credentials` and `config`: for each name its settings.
struct ProfileFile: Sendable, Hashable {
    private(set) var profiles: [String: [String: String]] = [:]

    enum Kind {
        /// Sections are `[name]`.
        case credentials
        /// Sections are `[profile name]`, and `[default]`.
        case config
    }

    init() {}

    /// Lines that are no section, setting or comment are skipped: other programs write their own into these files.
    init(_ text: String, _ kind: Kind) {
        var section: String?
        for line in text.split(whereSeparator: \.isNewline) {
            if line.first == "[" {
                section = Self.profile(line.dropFirst().prefix { $0 != "]" }, kind)
            } else if let section, let (key, value) = Self.setting(line) {
                profiles[section, default: [:]][key] = value
            }
        }
    }

    /// Both files together; what `credentials` says wins.
    func merging(_ other: ProfileFile) -> ProfileFile {
        var merged = self
        for (name, settings) in other.profiles {
            merged.profiles[name, default: [:]].merge(settings) { _, new in new }
        }
        return merged
    }

    private static func profile(_ title: Substring, _ kind: Kind) -> String? {
        let words = title.split(whereSeparator: \.isWhitespace).map(String.init)
        switch (kind, words.count) {
        case (.credentials, 1): return words[0]
        case (.config, 1): return words[0] == "default" ? "default" : nil
        case (.config, 2): return words[0] == "profile" ? words[1] : nil
        default: return nil
        }
    }

    /// An indented line belongs to the setting above it, which we then do not use.
    private static func setting(_ line: Substring) -> (key: String, value: String)? {
        guard let first = line.first, !first.isWhitespace, first != "#", first != ";",
            let equals = line.firstIndex(of: "=")
        else { return nil }
        let key = line[..<equals].filter { !$0.isWhitespace }.lowercased()
        return (key, value(line[line.index(after: equals)...]))
    }

    /// Without the space around it and without a comment, which begins with a space before its sign.
    private static func value(_ text: Substring) -> String {
        var words: [Substring] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            if word.first == "#" || word.first == ";" { break }
            words.append(word)
        }
        return words.joined(separator: " ")
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import CPCRE2

/// A compiled regular expression (PCRE2), safe to hand patterns and subjects from outside: matching works on UTF-8
/// bytes and is bounded in steps, depth and memory.
///
/// Groups are named `(?<name>…)` or, as in Python, `(?P<name>…)`. `\d`, `\w` and `\s` mean ASCII.
///
/// `@unchecked Sendable`: the class holds C pointers, which the compiler cannot vouch for. It can be argued: all of
/// them are written in `init` and never after, PCRE2 documents compiled code and a match context as usable by many
/// threads at once when nobody changes them, and all that a match writes (`pcre2_match_data`) is made anew for each.
public final class Pattern: @unchecked Sendable {
    /// The pattern as it was given.
    public let source: String
    private let code: OpaquePointer
    private let context: OpaquePointer
    private let groups: [String: Int]

    /// In bytes; a longer pattern is refused.
    public static let longestSource = 4096

    /// Which dialect a pattern is written in.
    public enum Dialect: Sendable {
        /// PCRE2's own, which reads Python's patterns too.
        case pcre
        /// JavaScript's with its `u` flag, as JSON Schema asks for; see `ECMAPattern` for what differs.
        case ecma
    }

    /// - Parameter isFull: whether the pattern has to match the whole subject rather than a part of it.
    /// - Throws: `.invalid` with the offset in bytes when the pattern is longer than 4 KiB or does not compile.
    public init(_ source: String, dialect: Dialect = .pcre, isFull: Bool = false, limits: Limits = .default) throws {
        guard source.utf8.count <= Self.longestSource else {
            throw Self.invalid(source, "it has \(source.utf8.count) bytes; the limit is \(Self.longestSource)")
        }
        let spelled = dialect == .ecma ? try ECMAPattern.translated(source) : source
        code = try Self.compiled(spelled, source: source, dialect: dialect, isFull: isFull)
        guard let context = pcre2_match_context_create_8(nil) else {
            pcre2_code_free_8(code)
            throw Self.invalid(source, "there is no memory to match it")
        }
        pcre2_set_match_limit_8(context, limits.steps)
        pcre2_set_depth_limit_8(context, limits.depth)
        pcre2_set_heap_limit_8(context, limits.heapKibibytes)
        self.source = source
        self.context = context
        groups = Self.names(of: code)
    }

    deinit {
        pcre2_match_context_free_8(context)
        pcre2_code_free_8(code)
    }

    /// The names of the pattern's groups, in alphabetical order.
    public var groupNames: [String] { groups.keys.sorted() }

    /// The first match, or nil when there is none; bytes that are not UTF-8 never match.
    ///
    /// - Throws: `.limitReached` when the match took more steps, depth or memory than allowed: whether the subject
    ///   matches is then not known.
    public func match(_ subject: [UInt8]) throws -> Match? {
        guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { throw limitReached() }
        defer { pcre2_match_data_free_8(data) }
        // The spare byte keeps the buffer's address from being nil when the subject is empty.
        let result = (subject + [0]).withUnsafeBufferPointer {
            pcre2_match_8(code, $0.baseAddress, subject.count, 0, 0, data, context)
        }
        switch result {
        case PCRE2_ERROR_NOMATCH, PCRE2_ERROR_UTF8_ERR21...PCRE2_ERROR_UTF8_ERR1: return nil
        case 1...: return Match(subject: subject, ranges: Self.ranges(data), groups: groups)
        default: throw limitReached()
        }
    }

    /// The first match in text; see `match(_:)` for bytes.
    public func match(_ subject: String) throws -> Match? { try match(Array(subject.utf8)) }

    private func limitReached() -> GranaryError {
        GranaryError(
            .limitReached, "The pattern \(quoted(source)) took too long on a subject, which may or may not match.",
            subject: source,
            remedy: "Write the pattern so that it cannot backtrack: avoid nested repetition like (a+)+.",
            disposition: .quarantine)
    }

    static func invalid(_ source: String, _ reason: String) -> GranaryError {
        GranaryError(
            .invalid, "The pattern \(quoted(source)) is not valid: \(reason).", subject: source,
            remedy: "Correct the pattern; its dialect is PCRE2's, named groups are written (?P<name>…).")
    }
}

extension Pattern {
    /// The bounds on one match.
    public struct Limits: Sendable {
        /// How often the matcher may try a way through the pattern; a million is some ten milliseconds' work.
        public var steps: UInt32 = 1_000_000
        /// How many of those ways may be open at once.
        public var depth: UInt32 = 50_000
        /// The memory that one match may use, in KiB.
        public var heapKibibytes: UInt32 = 16_384

        /// What every match of a file name is held to.
        public static let `default` = Limits()
        public init() {}
    }

    private static func compiled(
        _ spelled: String, source: String, dialect: Dialect, isFull: Bool
    ) throws -> OpaquePointer {
        var options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C
        if isFull { options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED }
        if dialect == .ecma { options |= PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF }
        var fault: Int32 = 0
        var offset = 0
        let bytes = Array(spelled.utf8) + [0]
        let code = bytes.withUnsafeBufferPointer {
            pcre2_compile_8($0.baseAddress, $0.count - 1, options, &fault, &offset, nil)
        }
        guard let code else { throw invalid(source, "\(text(of: fault)) at byte \(min(offset, source.utf8.count))") }
        return code
    }

    private static func text(of fault: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let length = pcre2_get_error_message_8(fault, &buffer, buffer.count)
        return length > 0 ? String(decoding: buffer.prefix(Int(length)), as: UTF8.self) : "error \(fault)"
    }

    /// PCRE2 keeps the names in a table of equal entries: two bytes of group number, then the name, ended by a zero.
    private static func names(of code: OpaquePointer) -> [String: Int] {
        var count: UInt32 = 0
        var width: UInt32 = 0
        var table: UnsafePointer<UInt8>?
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMECOUNT), &count)
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMEENTRYSIZE), &width)
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMETABLE), &table)
        var names: [String: Int] = [:]
        guard let table else { return names }
        for index in 0..<Int(count) {
            let entry = UnsafeBufferPointer(start: table + index * Int(width), count: Int(width))
            let name = entry.dropFirst(2).prefix { $0 != 0 }
            names[String(decoding: name, as: UTF8.self)] = Int(entry[0]) << 8 | Int(entry[1])
        }
        return names
    }

    private static func ranges(_ data: OpaquePointer) -> [Range<Int>?] {
        guard let pairs = pcre2_get_ovector_pointer_8(data) else { return [] }
        return (0..<Int(pcre2_get_ovector_count_8(data))).map { group in
            let (start, end) = (pairs[2 * group], pairs[2 * group + 1])
            // A group that took no part has -1 twice (`size_t` arrives as `Int`); `\K` can put a start behind its end.
            return start >= 0 && start <= end ? start..<end : nil
        }
    }
}

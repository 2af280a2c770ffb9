// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// What placeholders stand for in one attempt.
struct CommandValues: Sendable {
    var directory: String
    var output: String
    var context: String
    var job: Int64
    /// Paths of the input files, data files of the first input first.
    var inputs: [String]
    var parameters: JSONObject
}

extension Process {
    /// The arguments of one attempt. Throws `job.invalid` when a placeholder has nothing to stand for.
    func arguments(_ values: CommandValues) throws -> [String] {
        try command.flatMap { element in
            element == "{inputs}" ? values.inputs : [try CommandElement.pieces(of: element).map(values.text).joined()]
        }
    }
}

extension CommandValues {
    fileprivate func text(_ piece: CommandElement) throws -> String {
        switch piece {
        case .text(let text): text
        case .placeholder("directory"): directory
        case .placeholder("output"): output
        case .placeholder("context"): context
        case .placeholder("job"): String(job)
        case .placeholder("input"): try found(inputs.first, "{input}", "the job has no input file")
        case .placeholder(let word): try found(parameter(word), "{\(word)}", "the job has no such parameter")
        }
    }

    private func parameter(_ word: String) -> String? {
        let value =
            word.hasPrefix(CommandElement.parameter)
            ? parameters[String(word.dropFirst(CommandElement.parameter.count))] : nil
        return value.map { $0.string ?? $0.text }
    }

    private func found(_ value: String?, _ placeholder: String, _ why: String) throws -> String {
        guard let value else {
            throw GranaryError(
                .jobInvalid, "The command uses \(placeholder), but \(why).", subject: placeholder,
                remedy: "Correct the process or the rule that starts it, then retry the job.")
        }
        guard !value.utf8.contains(0) else {
            throw GranaryError(
                .jobInvalid, "The value of \(placeholder) holds a NUL, which no argument can.", subject: placeholder,
                remedy: "Correct the rule that sets it, then retry the job.")
        }
        return value
    }
}

/// A piece of one element of a command.
enum CommandElement: Sendable, Hashable {
    case text(String)
    case placeholder(String)

    static let parameter = "parameter."
    private static let words: Set<String> = ["input", "output", "context", "directory", "job"]

    static func pieces(of element: String) -> [CommandElement] {
        var pieces: [CommandElement] = []
        var rest = element[...]
        while let brace = rest.firstIndex(of: "{") {
            pieces.append(.text(String(rest[..<brace])))
            rest = rest[rest.index(after: brace)...]
            if rest.first == "{" {
                pieces.append(.text("{"))
                rest = rest.dropFirst()
            } else if let end = rest.firstIndex(of: "}"), isWord(rest[..<end]) {
                pieces.append(.placeholder(String(rest[..<end])))
                rest = rest[rest.index(after: end)...]
            } else {
                pieces.append(.text("{"))
            }
        }
        return pieces + [.text(String(rest))]
    }

    /// What cannot be understood in one element, one sentence each.
    static func faults(in element: String) -> [String] {
        if element.utf8.contains(0) { return ["an element of the command holds a NUL."] }
        if element == "{inputs}" { return [] }
        return pieces(of: element).compactMap(\.fault)
    }

    private var fault: String? {
        switch self {
        case .text: nil
        case .placeholder("inputs"): "{inputs} becomes several arguments, so it must be an element by itself."
        case .placeholder(let word) where Self.words.contains(word): nil
        case .placeholder(let word) where word.hasPrefix(Self.parameter) && word.count > Self.parameter.count: nil
        case .placeholder(let word): "{\(word)} is no placeholder; write {{\(word)} for the text itself."
        }
    }

    /// `input`, `parameter.granule_id`: what may be meant as a placeholder.
    private static func isWord(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
        return text.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }
}

extension GranaryError.Code {
    /// A job that cannot run as it is defined.
    public static let jobInvalid: Self = "job.invalid"
}

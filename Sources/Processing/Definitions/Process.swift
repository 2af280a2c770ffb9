// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// Something callable, described and versioned: what a rule starts and a job executes.
///
/// `command` is a list of arguments, program first. Each element may hold placeholders, which are put in as they are:
/// nothing is split, quoted or handed to a shell.
///
/// | placeholder | stands for |
/// |---|---|
/// | `{input}` | path of the first data file of the first input granule |
/// | `{inputs}` | one argument for each input file; must be a whole element |
/// | `{output}` | the directory whose files become the products |
/// | `{context}` | path of `_context.json` |
/// | `{directory}` | the attempt's own directory, which is also where the command starts |
/// | `{job}` | the job's number |
/// | `{parameter.NAME}` | a parameter: text as it is, anything else as JSON |
///
/// `{{` stands for one `{`; braces around anything that is not a lower-case word mean themselves.
public struct Process: Sendable, Hashable {
    public var id: String
    public var version: String
    /// A few words for lists.
    public var title: String
    /// A sentence or two: what it makes of what.
    public var summary: String
    public var command: [String]
    /// Added to the clean environment of a job: `PATH`, `HOME` and `TMPDIR` (the attempt's own), `LANG`. It may replace
    /// `PATH` and `LANG`. Nothing of the service's own environment is passed on.
    public var environment: [String: String]
    /// After this long the command is asked to end.
    public var softLimit: Duration
    /// After this long it is ended, with everything it started.
    public var hardLimit: Duration
    public var retry: RetryPolicy
    /// The failures after which it is tried again. `lost` is not among them: an attempt that a restart of the service
    /// interrupted is always made anew.
    public var retried: Set<FailureClass>
    /// The collections that its products may belong to; empty when any may.
    public var outputs: [CollectionID]

    public init(
        id: String, version: String = "1", title: String = "", summary: String = "", command: [String],
        environment: [String: String] = [:], softLimit: Duration = .seconds(3600), hardLimit: Duration? = nil,
        retry: RetryPolicy = RetryPolicy(attempts: 3, first: .seconds(10), longest: .seconds(600)),
        retried: Set<FailureClass> = [.signal, .memory, .disk, .staging, .publish], outputs: [CollectionID] = []
    ) {
        self.id = id
        self.version = version
        self.title = title
        self.summary = summary
        self.command = command
        self.environment = environment
        self.softLimit = softLimit
        // A minute to finish in good order after the request to end.
        self.hardLimit = hardLimit ?? softLimit + .seconds(60)
        self.retry = retry
        self.retried = retried
        self.outputs = outputs
    }
}

extension Process {
    /// What is wrong with the definition, one sentence each; empty when it can run.
    public func validate() -> [String] {
        identityFaults + commandFaults + environmentFaults + limitFaults
    }

    private var identityFaults: [String] {
        var faults: [String] = []
        if !isPlainName(id) {
            faults.append("The process id \"\(id)\" must be letters, digits, `-`, `_` and `.`, and not empty.")
        }
        if version.isEmpty { faults.append("Process \(id) has no version.") }
        return faults
    }

    private var commandFaults: [String] {
        guard let program = command.first, !program.isEmpty else { return ["Process \(id) has no command."] }
        return command.flatMap { CommandElement.faults(in: $0).map { "Process \(id): \($0)" } }
    }

    private var environmentFaults: [String] {
        environment.keys.sorted().compactMap { name in
            if JobEnvironment.owned.contains(name) {
                return "Process \(id) sets \(name), which is the attempt's own directory in every job."
            }
            return isVariableName(name) ? nil : "Process \(id): \"\(name)\" cannot be the name of a variable."
        }
    }

    private var limitFaults: [String] {
        var faults: [String] = []
        if softLimit <= .zero { faults.append("Process \(id) has a soft limit of no time.") }
        if hardLimit < softLimit { faults.append("Process \(id) has a hard limit that comes before its soft limit.") }
        if retry.attempts < 1 { faults.append("Process \(id) must be tried at least once.") }
        return faults
    }
}

/// True for names that are safe in paths, sources and tables.
func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".."
        && name.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
}

private func isVariableName(_ name: String) -> Bool {
    guard let first = name.utf8.first else { return false }
    return !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) && name.utf8.allSatisfy(isWordByte)
}

func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
    default: false
    }
}

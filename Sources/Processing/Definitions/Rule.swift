// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// An event filter that starts a process.
///
/// A rule fires once for each input for ever; to let it fire again on what it has seen, give it a new version.
public struct Rule: Sendable, Hashable {
    /// The events that rules can wait for.
    public enum Event: String, Sendable, Hashable, CaseIterable {
        case granuleArchived = "granule.archived"
    }
    public var name: String
    public var version: String
    public var event: Event
    /// Nil fires on every granule.
    public var filter: Filter?
    /// The members of a granule's metadata that the filter names, as `metadata.<key>`, with their types.
    public var metadata: [String: FilterType]
    /// The id of the process it starts.
    public var process: String
    public var parameters: JSONObject
    /// Higher runs first.
    public var priority: Int
    public var enabled: Bool

    public init(
        name: String, version: String = "1", on event: Event = .granuleArchived, filter: Filter? = nil,
        metadata: [String: FilterType] = [:], process: String, parameters: JSONObject = [:], priority: Int = 0, enabled: Bool = true
    ) {
        self.name = name
        self.version = version
        self.event = event
        self.filter = filter
        self.metadata = metadata
        self.process = process
        self.parameters = parameters
        self.priority = priority
        self.enabled = enabled
    }

    /// What is wrong with the rule itself, one sentence each.
    public func validate() -> [String] {
        var faults: [String] = []
        if !isPlainName(name) {
            faults.append("The rule name \"\(name)\" must be letters, digits, `-`, `_` and `.`, and not empty.")
        }
        if version.isEmpty { faults.append("Rule \(name) has no version.") }
        return faults
    }
}

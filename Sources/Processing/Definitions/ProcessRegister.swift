// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

/// The processes that are defined, each version apart.
public struct ProcessRegister: Sendable {
    private struct Key: Hashable {
        let id: String
        let version: String
    }
    private let byVersion: [Key: Process]
    private let latest: [String: Process]

    /// Of several versions of one process the last in the list is the one that rules start.
    ///
    /// Throws `configuration.invalid` with every fault of every process, or when one version is defined twice.
    public init(_ processes: [Process]) throws {
        var faults = processes.flatMap { $0.validate() }
        var byVersion: [Key: Process] = [:]
        for process in processes {
            let older = byVersion.updateValue(process, forKey: Key(id: process.id, version: process.version))
            if older != nil { faults.append("Process \(process.id) version \(process.version) is defined twice.") }
        }
        guard faults.isEmpty else { throw invalid(faults) }
        self.byVersion = byVersion
        latest = Dictionary(processes.map { ($0.id, $0) }) { _, later in later }
    }

    /// The version that rules start.
    public subscript(id: String) -> Process? { latest[id] }

    /// The version that a job was made for.
    public subscript(id: String, version version: String) -> Process? { byVersion[Key(id: id, version: version)] }
}

/// One error for all that is wrong, so that it can be put right in one go.
func invalid(_ faults: [String]) -> GranaryError {
    GranaryError(
        .configurationInvalid, faults.joined(separator: " "),
        remedy: "Correct the definitions and run `granary check`.")
}

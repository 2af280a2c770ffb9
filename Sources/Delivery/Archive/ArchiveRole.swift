// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// One place where partners announce products to us, and how we take and answer them: the archive's side of CNM.
public struct ArchiveRole: Sendable {
    /// How operators call it; arrivals have the source `cnm/<name>`.
    public var name: String
    /// Where our archive is to the partner: `uri` in answers is this and the archive path.
    public var uriBase: String
    /// Opens the files that a message names, of allowed places only.
    public var sources: any SourceResolver
    /// Our names for the partner's collections, where they differ.
    public var collections: [CollectionID: CollectionID]
    /// The version of collections when a message names none. By default none: such a message is refused.
    public var collectionVersion: String?
    /// Who the granules are from when a message does not say. By default the role's name.
    public var provider: String
    /// How often and how soon to try again what was postponed: a source that can't be reached, a full archive.
    public var retry: RetryPolicy

    public init(name: String, uriBase: String, sources: any SourceResolver) {
        self.name = name
        self.uriBase = uriBase
        self.sources = sources
        collections = [:]
        provider = name
        retry = RetryPolicy(attempts: 10)
    }

    /// What is wrong with it, one sentence each; empty when it can be used.
    public func validate() -> [String] {
        var faults: [String] = []
        if name.isEmpty { faults.append("An archive role needs a name.") }
        if ResourceURI(parsing: uriBase) == nil {
            faults.append("`uriBase` is \(uriBase); an absolute URI is needed, for example file:///archive.")
        }
        if retry.attempts < 1 { faults.append("`retry.attempts` is \(retry.attempts); it must be 1 or more.") }
        return faults
    }

    var source: String { "cnm/" + name }
}

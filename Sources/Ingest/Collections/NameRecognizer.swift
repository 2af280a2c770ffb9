// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore

/// Tells from a file's name what it is: which collection, which granule, which of its files.
public struct NameRecognizer: Sendable {
    public let collections: [Collection]

    public init(_ collections: [Collection]) { self.collections = collections }

    public func collection(_ id: CollectionID) -> Collection? { collections.first { $0.id == id } }

    /// What a name says, or nil when no collection knows it.
    ///
    /// Throws when two collections claim the same name, and when a pattern takes too long on it: in both cases what the
    /// file is cannot be decided, and guessing would archive it wrong.
    public func recognize(_ name: BytePath) throws -> RecognizedName? {
        let claims = try collections.compactMap { try $0.recognize(name) }
        guard claims.count < 2 else { throw ambiguous(name, claims) }
        return claims.first
    }

    private func ambiguous(_ name: BytePath, _ claims: [RecognizedName]) -> GranaryError {
        GranaryError(
            "name.ambiguous",
            "\(name) matches patterns of \(claims.map(\.collection.description).joined(separator: " and ")).",
            subject: name.description, remedy: "Make the naming patterns of these collections exclude each other.",
            disposition: .quarantine)
    }
}

/// What a name says.
public struct RecognizedName: Sendable, Hashable {
    public var collection: CollectionID
    public var granule: String
    public var name: BytePath
    public var type: FileType
    /// The rule that matched, by its place in the collection.
    public var rule: Int
    public var groups: [String: String]
    public var sensed: SensedTime?
}

extension RecognizedName {
    /// Groups that have columns of their own; the others become metadata.
    static let ownGroups: Set<String> = ["granule", "start", "end", "date"]

    public var identity: ArrivalIdentity {
        ArrivalIdentity(collection: collection, granule: granule, fileName: name, fileType: type)
    }
}

extension ArrivalIdentity {
    /// The granule as bytes: names that differ only in Unicode normalisation are two granules.
    var granuleKey: BytePath { BytePath("\(collection)/\(granule)") }
}

extension Collection {
    /// What the first file rule that matches says of a name.
    public func recognize(_ name: BytePath) throws -> RecognizedName? {
        for (index, rule) in files.enumerated() {
            guard let match = try rule.pattern.match(name.bytes) else { continue }
            let pairs = rule.pattern.groupNames.compactMap { group in match[group].map { (group, $0) } }
            let groups = Dictionary(uniqueKeysWithValues: pairs)
            return RecognizedName(
                collection: id, granule: groups["granule"] ?? match.text, name: name, type: rule.type, rule: index,
                groups: groups, sensed: SensedTime(groups))
        }
        return nil
    }

    /// The required kinds of file that none of the names is.
    func missing(from names: [BytePath]) throws -> [String] {
        let found = Set(try names.compactMap { try recognize($0)?.rule })
        return files.indices.filter { files[$0].isRequired && !found.contains($0) }.map { files[$0].name }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

extension NameRecognizer {
    /// Sorts names into granules, in the order in which they first appear. A name that is ambiguous is left over.
    func group(_ names: [BytePath]) throws -> Recognition {
        var groups: [Recognition.Group] = []
        var places: [BytePath: Int] = [:]
        var leftOver: [BytePath] = []
        for name in names {
            guard let recognized = try? recognize(name.name) else { leftOver.append(name); continue }
            let key = recognized.identity.granuleKey
            let place = places[key] ?? groups.count
            if place == groups.count {
                groups.append(Recognition.Group(collection: recognized.collection, granule: recognized.granule))
                places[key] = place
            }
            groups[place].add(name, recognized)
        }
        for place in groups.indices { groups[place].missing = try missing(from: groups[place]) }
        return Recognition(groups: groups, leftOver: leftOver)
    }

    private func missing(from group: Recognition.Group) throws -> [String] {
        try collection(group.collection)?.missing(from: group.members.map(\.name.name)) ?? []
    }
}

extension Recognition.Group {
    fileprivate mutating func add(_ name: BytePath, _ recognized: RecognizedName) {
        members.append(Recognition.Member(name, recognized.type))
        sensedStart = [sensedStart, recognized.sensed?.start].compactMap(\.self).min()
        sensedEnd = [sensedEnd, recognized.sensed?.end].compactMap(\.self).max()
    }
}

// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryDelivery
import GranaryIngest
import GranaryProcessing
import GranaryTransfer

extension SiteConfiguration {
    /// What no single value can show: names that are used twice or never defined, and examples that do not come out.
    func check() throws {
        try unique("servers", servers.map(\.name))
        try unique("collections", collections.map(\.id.description))
        try unique("watchers", watchers.map(\.configuration.name))
        try unique("processes", processes.map(\.id))
        try unique("rules", rules.map(\.name))
        try unique("destinations", destinations.map(\.destination.name))
        try unique("notifications", notifications.map(\.name))
        for (index, rule) in rules.enumerated() where !processes.contains(where: { $0.id == rule.process }) {
            throw complaint(
                "rules[\(index)].process",
                "there is no process \(rule.process)\(nearest(rule.process, processes.map(\.id)))")
        }
        try checkPlaces()
        try checkFolders()
        try checkExamples()
    }

    /// A staging area and what the site itself writes must lie apart: otherwise archived files would come in again, and
    /// `afterwards: delete` would remove them.
    private func checkFolders() throws {
        let own = [home, archive.folder, work].compactMap(\.self) + boxes.compactMap(\.place.folder)
        for (index, watcher) in watchers.enumerated() {
            guard let directory = watcher.source.folder else { continue }
            let staging = FolderPlace(directory)
            for folder in own {
                let own = FolderPlace(folder)
                let isApart = folder == home ? !staging.holds(own) : !staging.holds(own) && !own.holds(staging)
                guard !isApart else { continue }
                throw complaint(
                    "watchers[\(index)].directory",
                    "\(directory) and \(folder), which the site writes to, lie in one another",
                    remedy: "Give the staging area a folder of its own.")
            }
        }
    }

    /// Tries every naming pattern on its own examples.
    private func checkExamples() throws {
        let names = NameRecognizer(collections)
        for (index, collection) in collections.enumerated() {
            for (number, example) in collection.examples.enumerated() {
                let place = "collections[\(index)].examples[\(number)]"
                guard let found = try names.recognize(BytePath(example.name)) else {
                    throw complaint(place, "no pattern matches \(example.name)")
                }
                guard found.collection == collection.id, found.granule == example.granule else {
                    throw complaint(place, "\(example.name) is recognised as \(found.collection)/\(found.granule)")
                }
            }
        }
    }

    private func unique(_ list: String, _ names: [String]) throws {
        var seen: Set<String> = []
        for (index, name) in names.enumerated() where !seen.insert(name).inserted {
            throw complaint("\(list)[\(index)]", "\(name) is defined twice")
        }
    }

    func nearest(_ name: String, _ known: [String]) -> String {
        Suggestion.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
    }
}

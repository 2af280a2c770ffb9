// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTransfer

extension SiteConfiguration {
    /// What the service would contact, one line for each place on the network. Nothing is contacted for it.
    var contacts: [String] {
        let files = filePlaces.filter { $0.place.folder == nil }.map { path, place in
            "  contacts \(place.uri)\(reached(place.server, isAWS: place.isBucket)) for \(path)"
        }
        let messages =
            boxes.map { ($0.path, $0.place) }
            + watchers.enumerated().compactMap { index, watcher in
                watcher.notices.map { ("watchers[\(index)].notices", $0) }
            }
        return files
            + messages.filter { $0.1.folder == nil }.map { path, place in
                "  contacts \(place.text)\(reached(place.server, isAWS: true)) for \(path)"
            }
    }

    private func reached(_ name: String?, isAWS: Bool) -> String {
        let server = server(name)
        let person = isAWS ? server.credentials.description : server.access.user ?? "nobody in particular"
        return (server.endpoint.map { " at \($0)" } ?? "") + " as \(person)"
            + (server.access.proxy.map { " through \($0)" } ?? "")
    }
}

extension FilePlace {
    var isBucket: Bool {
        if case .bucket = kind { true } else { false }
    }

    /// As people write it: a folder's path, or the URI.
    var shown: String { folder ?? uri }
}

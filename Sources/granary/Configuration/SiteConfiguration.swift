// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryDelivery
import GranaryIngest
import GranaryProcessing

/// What `granary.yaml` says of a site. All folders are absolute; relative ones in the file are taken from its own folder.
struct SiteConfiguration: Sendable {
    /// The folder that holds `granary.yaml`, and the catalog, lock and socket of the service.
    var home: String
    var site: String
    var provider: String
    /// A folder or a bucket.
    var archive: FilePlace
    /// Where jobs work.
    var work: String
    var workers: Int
    /// How servers are reached; places name them.
    var servers: [ServerSettings]
    var collections: [GranaryIngest.Collection]
    var watchers: [WatcherSettings]
    var processes: [GranaryProcessing.Process]
    var rules: [Rule]
    var destinations: [DestinationSettings]
    var notifications: [NotificationSettings]

    var catalogPath: String { home + "/catalog.sqlite" }
    var socketPath: String { home + "/granary.sock" }

    /// The settings that a place names, or those that hold where none is named.
    func server(_ name: String?) -> ServerSettings { servers.first { $0.name == name } ?? ServerSettings() }
}

/// One staging area: what the watcher needs, and where it is.
struct WatcherSettings: Sendable {
    var configuration: WatcherConfiguration
    var source: FilePlace
    /// The queue that a bucket's notices come through.
    var notices: MessagePlace?
}

/// One partner that receives: what is delivered, and the two ways between us.
struct DestinationSettings: Sendable {
    var destination: Destination
    /// Where our CNM-S go.
    var outbox: MessagePlace
    /// Where its CNM-R come from; nil when it never answers.
    var inbox: MessagePlace?
    var interval: Duration
}

/// One partner that provides, with us in the archive role.
struct NotificationSettings: Sendable {
    var name: String
    /// Where its CNM-S come from.
    var inbox: MessagePlace
    /// Where our CNM-R go.
    var outbox: MessagePlace
    /// From where it may deliver.
    var allow: [FilePlace]
    var collections: [CollectionID: CollectionID]
    var collectionVersion: String?
    var provider: String
    var interval: Duration
}

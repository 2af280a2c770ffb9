// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCatalog
import GranaryCore
import GranaryIngest
import GranaryProcessing
import GranaryTransfer
import Logging

/// Makes a store of each place that the configuration names: the one list of what fills the byte seam.
struct Stores: Sendable {
    let servers: Servers

    private var configuration: SiteConfiguration { servers.configuration }

    /// An archive in a bucket is tried first: a service that may replace objects is refused.
    func archive() async throws -> any ArchiveStore {
        let place = configuration.archive
        switch place.kind {
        case .folder(let path): return try LocalStore(root: path)
        case .bucket(let bucket, let prefix):
            let store = S3Store(try servers.client("s3", of: place.server), bucket: bucket, prefix: prefix)
            try await store.prove()
            return overNetwork(store, place)
        case .sftp, .ftp, .http: throw complaint("archive", "\(place.uri) can only be read from")
        }
    }

    /// Where files come from: a staging area, or a place that a partner delivers from.
    func source(_ place: FilePlace) throws -> any Store {
        let access = servers.access(place.server)
        switch place.kind {
        case .folder(let path): return try LocalStore(root: path)
        case .bucket(let bucket, let prefix):
            let client = try servers.client("s3", of: place.server)
            return overNetwork(S3Store(client, bucket: bucket, prefix: prefix), place)
        case .sftp: return overNetwork(try SFTPStore(place.uri, access: access), place)
        case .ftp: return overNetwork(try FTPStore(place.uri, access: access), place)
        case .http: return overNetwork(try HTTPStore(place.uri, access: access), place)
        }
    }

    /// Tried again where a fault passes by itself, never more at a time than the server shall bear, told in the log.
    private func overNetwork<Base: Store>(_ store: Base, _ place: FilePlace)
        -> ObservedStore<RetryingStore<BoundedStore<Base>>>
    {
        let bounded = BoundedStore(store, concurrency: servers.access(place.server).connections)
        return ObservedStore(RetryingStore(bounded), logger: Logger(label: "granary.transfer"))
    }

    /// What brings the next look at a staging area forward.
    func wakeUps(_ watcher: WatcherSettings) throws -> any WakeUps {
        if let folder = watcher.source.folder { return StagingNotices(root: folder) ?? NoWakeUps() }
        guard let notices = watcher.notices, case .queue(let name) = notices.kind,
            case .bucket(let bucket, let prefix) = watcher.source.kind
        else { return NoWakeUps() }
        let client = try servers.client("sqs", of: notices.server, region: notices.region)
        return NamedNotices(NamedQueue(name, client: client), bucket: bucket, prefix: prefix)
    }

    /// Jobs read a local archive in place; of any other they get copies.
    func inputs(from archive: any Store) -> InputSource {
        guard let folder = configuration.archive.folder else { return .copied(from: archive) }
        return .linked { "\(folder)/\($0.archivePath.text ?? "")" }
    }
}

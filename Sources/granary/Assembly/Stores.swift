// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import GranaryIngest
import GranaryProcessing
import GranaryTransfer

/// Makes a store of each place that the configuration names: the one list of what fills the byte seam.
struct Stores: Sendable {
    let configuration: SiteConfiguration

    func archive() throws -> any ArchiveStore {
        switch configuration.archive.kind {
        case .folder(let path): try LocalStore(root: path)
        case .bucket, .sftp, .ftp, .http: throw notYet(configuration.archive)
        }
    }

    /// Where files come from: a staging area, or a place that a partner delivers from.
    func source(_ place: FilePlace) throws -> any Store {
        switch place.kind {
        case .folder(let path): try LocalStore(root: path)
        case .bucket, .sftp, .ftp, .http: throw notYet(place)
        }
    }

    /// What brings the next look at a staging area forward.
    func wakeUps(_ watcher: WatcherSettings) throws -> any WakeUps {
        guard let folder = watcher.source.folder else { return NoWakeUps() }
        return StagingNotices(root: folder) ?? NoWakeUps()
    }

    /// Jobs read a local archive in place; of any other they get copies.
    func inputs(from archive: any Store) -> InputSource {
        guard let folder = configuration.archive.folder else { return .copied(from: archive) }
        return .linked { "\(folder)/\($0.archivePath.text ?? "")" }
    }

    private func notYet(_ place: FilePlace) -> GranaryError {
        complaint(place.uri, "places of this kind are not there yet")
    }
}

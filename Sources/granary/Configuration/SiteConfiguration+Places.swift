// SPDX-License-Identifier: Apache-2.0

import GranaryAWS
import GranaryCore
import GranaryIngest
import GranaryTransfer

extension SiteConfiguration {
    /// Every place for messages, with where the configuration names it.
    var boxes: [(path: String, place: MessagePlace, isInbox: Bool)] {
        let destinations = destinations.enumerated().flatMap { index, settings in
            [("destinations[\(index)].outbox", settings.outbox, false)]
                + (settings.inbox.map { [("destinations[\(index)].inbox", $0, true)] } ?? [])
        }
        let notifications = notifications.enumerated().flatMap { index, settings in
            [
                ("notifications[\(index)].inbox", settings.inbox, true),
                ("notifications[\(index)].outbox", settings.outbox, false),
            ]
        }
        return destinations + notifications
    }

    /// Every place with files, with where the configuration names it.
    var filePlaces: [(path: String, place: FilePlace)] {
        [("archive", archive)] + watchers.enumerated().map { ("watchers[\($0)].source", $1.source) }
            + notifications.enumerated().flatMap { index, settings in
                settings.allow.enumerated().map { ("notifications[\(index)].allow[\($0)]", $1) }
            }
    }

    /// What no place can show by itself: whether its server is defined and says enough, and what may not meet.
    func checkPlaces() throws {
        for (path, place) in filePlaces { try check(place, path) }
        for (path, place, isInbox) in boxes {
            try checkServer(place.server, path)
            try check(place, path, isInbox: isInbox)
        }
        try checkArchive()
        try checkWatchers()
        try checkBuckets()
    }

    private func checkServer(_ name: String?, _ path: String) throws {
        guard let name, !servers.contains(where: { $0.name == name }) else { return }
        throw complaint(path, "there is no server \(name)\(nearest(name, servers.map(\.name)))")
    }

    private func check(_ place: FilePlace, _ path: String) throws {
        try checkServer(place.server, path)
        let server = server(place.server)
        switch place.kind {
        case .folder: break
        case .bucket: try checkRegion(of: server, nil, path)
        case .sftp:
            guard server.access.user != nil, server.access.knownHosts != nil,
                server.access.password != nil || server.access.keyFile != nil
            else {
                throw complaint(
                    path, "its server needs `user`, `known-hosts`, and `key-file` or `password`",
                    remedy: "Describe it in `servers` and name it here; a host key is never taken on trust.")
            }
        case .ftp, .http:
            guard place.uri.hasPrefix("http://"), server.access.password != nil, !server.isPlain else { return }
            throw complaint(
                path, "the password of its server would travel unencrypted",
                remedy: "Use https, or set `plain: true` for that server.")
        }
    }

    private func check(_ place: MessagePlace, _ path: String, isInbox: Bool) throws {
        switch place.kind {
        case .folder: return
        case .topic where isInbox:
            throw complaint(
                path, "nothing can be received from a topic",
                remedy: "Subscribe a queue to it, and name the queue here.")
        default: try checkRegion(of: server(place.server), place.region, path)
        }
    }

    private func checkRegion(of server: ServerSettings, _ own: String?, _ path: String) throws {
        guard try server.regionAtHand(own) == nil else { return }
        throw complaint(
            path, "its region is not known",
            remedy: "Set `region` of its server in `servers`, or AWS_REGION in the service's environment.")
    }

    private func checkArchive() throws {
        switch archive.kind {
        case .folder, .bucket: return
        case .sftp, .ftp, .http:
            throw complaint(
                "archive", "\(archive.uri) can only be read from; an archive is a folder or a bucket",
                remedy: "Name a folder, or s3://BUCKET/PREFIX.")
        }
    }

    private func checkWatchers() throws {
        for (index, watcher) in watchers.enumerated() {
            if watcher.source.kind == .http, watcher.configuration.afterwards == .delete {
                throw complaint(
                    "watchers[\(index)].afterwards", "nothing can be deleted at \(watcher.source.uri)",
                    remedy: "Leave it at `keep`.")
            }
            guard let notices = watcher.notices else { continue }
            let path = "watchers[\(index)].notices"
            guard case .bucket = watcher.source.kind, case .queue = notices.kind else {
                throw complaint(path, "notices are those of a bucket, and come through an SQS queue")
            }
            try checkServer(notices.server, path)
            try check(notices, path, isInbox: true)
        }
    }
}

extension ServerSettings {
    /// The region to sign for: its own, else the one that an ARN names, else that of the environment or profile. A server
    /// that is not AWS's takes any.
    func regionAtHand(_ own: String?) throws -> String? {
        if let known = region ?? own { return known }
        var profile: String?
        if case .profile(let name) = credentials { profile = name }
        return try AWSRegion.find(environmentVariables(), profile: profile) ?? (endpoint == nil ? nil : "us-east-1")
    }
}

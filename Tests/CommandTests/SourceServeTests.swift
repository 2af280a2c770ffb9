// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryAWS
import GranaryCore
import GranaryTesting
import Subprocess
import TestBroker
import Testing

/// `granary serve` over sources elsewhere: from the configuration to the archive and the ledger.
@Suite struct SourceServeTests {
    private let files = ["x_1.nc": pattern(100_000, 1), "x_2.nc": pattern(1, 2), "sub/x_3.nc": pattern(3_000_000, 3)]

    @Test("files come in by sftp, are verified by the provider's list, and are removed there when they are durable")
    func sftp() async throws {
        let server = try await TestServer.start("sshd")
        let folder = try RemoteFolder(server)
        try folder.put(files)
        let site = try ServedSite(
            """
            servers:
              - {name: host, user: \(server["USER"]), key-file: \(server["KEY"]), known-hosts: \(server["KNOWN_HOSTS"])}
            watchers:
              - {name: north, source: "sftp://127.0.0.1:\(server.port())\(folder.path)", server: host, interval: 1s,
                 afterwards: delete, settle: {window: 200ms}}
            """)
        try await serve(site, ["north"])
        #expect(try folder.names().isDisjoint(with: files.keys))
    }

    @Test("files come in by ftps")
    func ftps() async throws {
        let server = try await TestServer.start("vsftpd")
        let folder = try RemoteFolder(server)
        try folder.put(files)
        var site = try ServedSite(
            """
            servers:
              - {name: host, user: \(server["USER"]), password: {env: SECRET}, ca-file: \(server["CA"])}
            watchers:
              - {name: north, source: "ftp://127.0.0.1:\(server.port())/data/\(folder.name)", server: host, interval: 1s}
            """)
        site.environment = ["SECRET": server["PASSWORD"]]
        try await serve(site, ["north"])
    }

    @Test("files come in by https, from a listing in JSON and from one in HTML behind a password")
    func https() async throws {
        let server = try await TestServer.start("nginx")
        let (json, html) = (try RemoteFolder(server), try RemoteFolder(server))
        try json.put(files)
        try html.put(["x_h1.nc": pattern(5000, 4), "x_h2.nc": pattern(70_000, 5)])
        let url = "https://127.0.0.1:\(server.port())"
        var site = try ServedSite(
            """
            servers:
              - {name: open, ca-file: \(server["CA"])}
              - {name: closed, ca-file: \(server["CA"]), user: \(server["USER"]), password: {env: SECRET}}
            watchers:
              - {name: json, source: "\(url)/json/\(json.name)", server: open, interval: 1s}
              - {name: html, source: "\(url)/private/\(html.name)/", server: closed, interval: 1s}
            """)
        site.environment = ["SECRET": server["PASSWORD"]]
        try await site.serve { _ in try await site.until("five files") { await site.count(archivedFiles) == 5 } }
        let expected = Dictionary(uniqueKeysWithValues: files.map { (name($0), $1) })
        #expect(try await found(site, of: "json") == expected)
        #expect(try await found(site, of: "html") == ["x_h1.nc": pattern(5000, 4), "x_h2.nc": pattern(70_000, 5)])
    }

    @Test("a bucket's notices bring the look forward that would be due in an hour")
    func notices() async throws {
        let cloud = try await Broker.ministack()
        let queue = try await cloud.queue()
        let bucket = try await cloud.bucket(notifying: queue)
        try await cloud.put(pattern(100, 1), bucket: bucket, key: "in/x_1.nc")
        var site = try ServedSite(
            """
            servers:
              - {name: cloud, region: \(cloud.endpoint.region), endpoint: "\(cloud.endpoint.url ?? "")",
                 credentials: {environment: true}}
            watchers:
              - {name: bucket, source: s3://\(bucket)/in, server: cloud, notices: "sqs://\(queue.name)", interval: 1h}
            """)
        site.environment = [
            "AWS_ACCESS_KEY_ID": cloud.credentials.accessKey,
            "AWS_SECRET_ACCESS_KEY": cloud.credentials.secretKey.reveal(),
        ]
        try await site.serve { [site] _ in
            try await site.until("what was there at first") { await site.count(archivedFiles) == 1 }
            try await cloud.put(pattern(100, 9), bucket: bucket, key: "elsewhere/x_9.nc")
            try await cloud.put(pattern(200_000, 2), bucket: bucket, key: "in/sub/x_ü 2.nc")
            try await site.until("what was told of") { await site.count(archivedFiles) == 2 }
            try await site.until("an empty queue") {
                let state = try await queue.state()
                return state.waiting + state.held == 0
            }
        }
        #expect(
            try await found(site, of: "bucket") == ["x_1.nc": pattern(100, 1), "x_ü 2.nc": pattern(200_000, 2)])
        #expect(try await site.archived().allSatisfy { $0.verification != "self" })
        #expect(!site.log.contains("notices cannot be used"), "\(site.log)")
    }

    /// Serves until all files are archived, and expects each with its bytes, by the provider's word.
    private func serve(_ site: ServedSite, _ watchers: [String]) async throws {
        try await site.serve { _ in
            try await site.until("all files") { await site.count(archivedFiles) == files.count }
            try await site.until("quiet") { await site.count(openWork) == 0 }
        }
        let expected = Dictionary(uniqueKeysWithValues: files.map { (name($0), $1) })
        for watcher in watchers { #expect(try await found(site, of: watcher) == expected) }
        #expect(try await site.archived().allSatisfy { $0.verification != "self" })
        let checked = try await site.run(["check", "catalog"])
        #expect(checked.code == 0, "\(checked)")
    }

    private func found(_ site: ServedSite, of watcher: String) async throws -> [String: [UInt8]] {
        let all = try await site.archived().filter { $0.source == watcher }
        return Dictionary(all.map { ($0.name, $0.bytes) }) { first, _ in first }
    }

    private func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}

let archivedFiles = "SELECT COUNT(*) AS n FROM arrival WHERE state = 'archived' AND granule_id IS NOT NULL"
private let openWork = "SELECT COUNT(*) AS n FROM arrival WHERE ended_at IS NULL"

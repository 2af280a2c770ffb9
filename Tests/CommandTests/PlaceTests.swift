// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCore
import GranaryDelivery
import GranaryIngest
import GranaryTesting
import GranaryTransfer
import Testing

@testable import granary

/// How the configuration names servers, secrets and places.
@Suite struct PlaceTests {
    private let base: TemporaryDirectory
    private var home: String { base.path }

    init() throws {
        base = try TemporaryDirectory()
        for folder in ["staging", "secrets"] {
            try FileManager.default.createDirectory(atPath: base.file(folder), withIntermediateDirectories: true)
        }
        try write("hunter2-canary\r\n", to: "secrets/password")
        try write("", to: "secrets/empty")
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: base.file(name)))
    }

    private func read(_ text: String) throws -> SiteConfiguration {
        try write("site: t\n" + text, to: "granary.yaml")
        return try SiteConfiguration(home: home)
    }

    private func complaint(_ text: String) -> String {
        do {
            _ = try read(text)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test("everything that may be said of a server is read")
    func server() throws {
        let site = try read(
            """
            servers:
              - name: all
                region: us-west-2
                endpoint: http://127.0.0.1:8333/
                path-style: false
                user: ann
                password: {file: secrets/password}
                key-file: secrets/key
                key-passphrase: {file: secrets/password}
                known-hosts: /etc/known
                ca-file: secrets/ca.pem
                proxy: http://proxy:3128
                redirect-hosts: [cdn.example, "other:8443"]
                plain: true
                credentials: {access-key: {file: secrets/password}, secret-key: {file: secrets/password}}
                limits:
                  {connections: 4, bytes-per-second: 1048576, requests-per-second: 10, connect: 2s, stall: 3s, total: 4m}
            """)
        let server = site.server("all")
        #expect(server.region == "us-west-2" && server.endpoint == "http://127.0.0.1:8333/")
        #expect(server.pathStyle == false && server.isPlain)
        var access = ServerAccess()
        (access.user, access.password) = ("ann", Secret("hunter2-canary"))
        (access.keyFile, access.keyPassphrase) = (base.file("secrets/key"), Secret("hunter2-canary"))
        (access.knownHosts, access.caFile, access.proxy) = (
            "/etc/known", base.file("secrets/ca.pem"), "http://proxy:3128"
        )
        (access.redirectHosts, access.requiresTLS, access.connections) = (["cdn.example", "other:8443"], false, 4)
        (access.bytesPerSecond, access.requestsPerSecond) = (1_048_576, 10)
        (access.connectLimit, access.stallLimit, access.totalLimit) = (.seconds(2), .seconds(3), .seconds(240))
        #expect(server.access == access)
        let key = Secret("hunter2-canary")
        #expect(server.credentials == .keys(access: key, secret: key, token: nil))
        #expect(site.server(nil) == ServerSettings())
    }

    @Test(
        "credentials of every kind are read",
        arguments: [
            ("{profile: site}", CredentialSettings.profile("site")), ("{environment: true}", .environment),
            ("{container: true}", .container), ("{instance: true}", .instance),
            ("{web-identity: {arn: a, token-file: /t}}", .webIdentity(role: "a", tokenFile: "/t")),
            (
                "{role: {arn: a, external-id: x, from: {role: {arn: b, session: s}}}}",
                .role(
                    RoleSettings(
                        arn: "a", externalID: "x", session: "granary",
                        from: .role(RoleSettings(arn: "b", externalID: nil, session: "s", from: .usual))))
            ),
        ])
    func credentials(text: String, expected: CredentialSettings) throws {
        #expect(try read("servers: [{name: s, credentials: \(text)}]").server("s").credentials == expected)
    }

    @Test("a place is text or names its server, and stands under its item's server otherwise")
    func places() throws {
        let site = try read(
            """
            archive: {at: "s3://vault/a/", server: east}
            servers:
              - {name: east, region: us-east-1}
              - {name: west, endpoint: "http://127.0.0.1:1"}
              - {name: host, user: u, known-hosts: k, password: {file: secrets/password}}
            watchers:
              - {name: a, source: s3://in/x, server: west, notices: "sqs://events", afterwards: delete}
              - {name: b, source: {at: "sftp://files.example:2222/in", server: host}}
              - {name: c, directory: staging}
              - {name: d, source: https://data.example/nrt/}
              - {name: h, source: "ftps://files.example/in"}
            destinations:
              - {name: e, server: west, outbox: sqs://1234/q.fifo, inbox: {at: "kinesis://answers", server: east}}
              - {name: f, outbox: "arn:aws:sns:eu-west-1:1234:topic", inbox: "https://sqs.us-east-1.amazonaws.com/1/q",
                 server: east}
            notifications:
              - {name: g, server: west, inbox: s3://letters/in, outbox: box, allow: [s3://vault, {at: "https://x/y", server: east}, staging]}
            """)
        #expect(site.archive.kind == .bucket("vault", prefix: "a") && site.archive.uri == "s3://vault/a")
        #expect(site.archive.server == "east")
        #expect(
            site.watchers.map(\.source.kind) == [
                .bucket("in", prefix: "x"), .sftp, .folder(base.file("staging")), .http, .ftp,
            ])
        #expect(site.watchers.map(\.source.server) == ["west", "host", nil, nil, nil])
        #expect(site.watchers[0].notices?.kind == .queue("events") && site.watchers[0].notices?.server == "west")
        #expect(
            site.watchers.map(\.configuration.interval) == [60, 60, 10, 60, 60].map(Duration.seconds))
        #expect(site.watchers[3].source.uri == "https://data.example/nrt")
        #expect(
            site.destinations.map(\.outbox.kind) == [.queue("1234/q.fifo"), .topic("arn:aws:sns:eu-west-1:1234:topic")])
        #expect(site.destinations[0].inbox?.kind == .stream("answers") && site.destinations[0].inbox?.server == "east")
        #expect(site.destinations[1].outbox.region == "eu-west-1")
        #expect(site.destinations[0].destination.profile.uriBase == "s3://vault/a")
        #expect(site.notifications[0].inbox.kind == .bucket("letters", prefix: "in"))
        #expect(site.notifications[0].outbox.folder == base.file("box"))
        #expect(site.notifications[0].allow.map(\.server) == ["west", "east", "west"])
        #expect(site.contacts.count == 13)
        #expect(site.contacts.contains("  contacts sftp://files.example:2222/in as u for watchers[1].source"))
    }

    @Test(
        "a secret that is not there is an error that names its variable or file",
        arguments: [
            ("{env: GRANARY_TEST_NO_SUCH}", "the environment has no GRANARY_TEST_NO_SUCH"),
            ("{file: secrets/none}", "secrets/none cannot be read"), ("{file: secrets/empty}", "is empty"),
            ("{}", "expected either"), ("{env: A, file: b}", "expected either"), ("{envy: A}", "expected either"),
        ])
    func missingSecret(reference: String, what: String) {
        let found = complaint("servers: [{name: s, password: \(reference)}]")
        #expect(found.contains("servers[0].password") && found.contains(what), "\(found)")
    }

    @Test(
        "a secret that is written down is refused, and not repeated",
        arguments: ["canary-1", "[canary-1]", "'canary-1'"])
    func writtenSecret(text: String) {
        for key in ["password", "key-passphrase"] {
            let found = complaint("servers: [{name: s, key-file: k, \(key): \(text)}]")
            #expect(found.contains("servers[0].\(key)") && found.contains("{env: NAME}"), "\(found)")
            #expect(!found.contains("canary"), "\(found)")
        }
        let found = complaint("servers: [{name: s, credentials: {access-key: {env: HOME}, secret-key: \(text)}}]")
        #expect(found.contains("credentials.secret-key") && !found.contains("canary"), "\(found)")
    }

    @Test("no secret is shown by anything that shows a configuration")
    func canary() throws {
        let site = try read(
            """
            servers: [{name: s, user: u, known-hosts: k, password: {file: secrets/password}, region: r,
              credentials: {access-key: {file: secrets/password}, secret-key: {file: secrets/password}}}]
            watchers: [{name: a, source: "sftp://h/x", server: s}, {name: b, source: "s3://b/x", server: s}]
            """)
        var dumped = ""
        dump(site, to: &dumped)
        #expect(dumped.contains("sftp://h/x"))
        for text in [dumped, "\(site)", String(reflecting: site), site.contacts.joined()] {
            #expect(!text.contains("hunter2"))
        }
    }

    @Test(
        "what cannot be meant is refused with its place",
        arguments: [
            (
                "watchers: [{name: a, source: s3://in, server: lpdac}]\nservers: [{name: lpdaac}]",
                "did you mean lpdaac?"
            ),
            ("watchers: [{name: a, source: 'gopher://x/y'}]", "watchers[0].source"),
            ("watchers: [{name: a}]", "watchers[0].directory"),
            ("watchers: [{name: a, directory: staging, source: staging}]", "watchers[0].source"),
            ("watchers: [{name: a, source: 'sftp://h/x'}]", "known-hosts"),
            ("watchers: [{name: a, source: 'https://h/x', afterwards: delete}]", "watchers[0].afterwards"),
            ("watchers: [{name: a, source: 'https://u:canary@h/x'}]", "watchers[0].source"),
            ("watchers: [{name: a, source: 'https://h/x?token=canary'}]", "watchers[0].source"),
            ("watchers: [{name: a, source: 's3://in/../x'}]", "watchers[0].source"),
            ("watchers: [{name: a, source: 's3:///x'}]", "watchers[0].source"),
            ("watchers: [{name: a, directory: staging, notices: 'sqs://q'}]", "watchers[0].notices"),
            ("archive: sftp://h/x\nservers: []", "archive"),
            ("destinations: [{name: d, outbox: box, inbox: 'arn:aws:sns:r:1:t'}]", "destinations[0].inbox"),
            ("destinations: [{name: d, outbox: 'arn:aws:lambda:r:1:t'}]", "destinations[0].outbox"),
            ("destinations: [{name: d, outbox: 'sftp://h/x'}]", "destinations[0].outbox"),
            ("destinations: [{name: d, outbox: {at: box, sever: s}}]", "did you mean server?"),
            ("servers: [{name: s}, {name: s}]", "servers[1]"),
            ("servers: [{name: s, endpoint: 'ftp://x'}]", "servers[0].endpoint"),
            ("servers: [{name: s, proxy: 'http://u:canary@x'}]", "servers[0].proxy"),
            ("servers: [{name: s, limits: {stall: 0s}}]", "servers[0].limits.stall"),
            ("servers: [{name: s, limits: {connections: 0}}]", "servers[0].limits.connections"),
            ("servers: [{name: s, credentials: {}}]", "servers[0].credentials"),
            ("servers: [{name: s, credentials: {container: true, instance: true}}]", "servers[0].credentials"),
            ("servers: [{name: s, credentials: {access-key: {file: secrets/password}}}]", "go together"),
            ("servers: [{name: s, key-passphrase: {file: secrets/password}}]", "key-file"),
            (
                "servers: [{name: s, user: u, password: {file: secrets/password}}]\n"
                    + "watchers: [{name: a, source: 'http://h/x', server: s}]", "unencrypted"
            ),
        ])
    func refused(text: String, what: String) {
        let found = complaint(text)
        #expect(found.contains("configuration.invalid") && found.contains(what), "\(found)")
        #expect(!found.contains("canary"), "\(found)")
    }

    @Test(
        "in a bucket, what is watched and what the site writes must lie apart",
        arguments: [
            ("s3://b/a", "s3://b/a", false), ("s3://b/a", "s3://b/a/in", false), ("s3://b/a/in", "s3://b/a", false),
            ("s3://b", "s3://b/in", false), ("s3://b/a", "s3://b/ab", true), ("s3://b/a", "s3://c/a", true),
        ])
    func overlap(archive: String, staging: String, isFine: Bool) {
        let servers = "servers: [{name: s, endpoint: 'http://127.0.0.1:1'}, {name: t, endpoint: 'http://127.0.0.1:2'}]"
        let watcher = "watchers: [{name: a, source: '\(staging)', server: s}]"
        let same = complaint("\(servers)\narchive: {at: '\(archive)', server: s}\n\(watcher)")
        #expect((same == "none") == isFine, "\(same)")
        #expect(isFine || same.contains("watchers[0].source"))
        #expect(complaint("\(servers)\narchive: {at: '\(archive)', server: t}\n\(watcher)") == "none")
        let box = complaint("\(servers)\ndestinations: [{name: d, outbox: '\(archive)', server: s}]\n\(watcher)")
        #expect((box == "none") == isFine, "\(box)")
    }
}

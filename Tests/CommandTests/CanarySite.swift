// SPDX-License-Identifier: Apache-2.0

import FaultServer
import Foundation
import GranaryCore
import GranaryTesting
import Subprocess

/// A site with a secret wherever one may stand, before servers that take it, servers that refuse it, and closed ports.
struct CanarySite: Sendable {
    let site: ServedSite
    let canaries: Canaries
    let objects: FaultServer
    /// Watchers whose files come in, and those that never get that far.
    let accepted = ["env-s3", "pass-sftp", "key-sftp", "pass-ftps", "basic-https"]
    let refused = [
        "profile-s3", "files-s3", "unknown-s3", "pass-sftp-no", "key-sftp-no", "pass-ftps-no", "basic-https-no",
        "closed-s3",
        "closed-sftp", "closed-ftps", "closed-https", "container", "web",
    ]

    init() async throws {
        let servers = Servers(
            ssh: try await TestServer.start("sshd"), ftp: try await TestServer.start("vsftpd"),
            web: try await TestServer.start("nginx"), cloud: try await TestServer.start("ministack"))
        var canaries = Canaries()
        canaries.real = [servers.ssh["PASSWORD"], servers.ssh["PASSPHRASE"], servers.cloud["SECRET"]]
        let objects = try FaultServer(
            keys: AccessKeys(
                accessKey: "AKIAEXAMPLE", secretKey: canaries.secret("env-key"),
                sessionToken: canaries.secret("env-token")))
        (self.canaries, self.objects) = (canaries, objects)
        objects.put(pattern(1000, 1), bucket: "in", keys: ["x_s3.nc"])
        _ = objects.createQueue("cnm")
        var site = try ServedSite(
            try Self.configuration(servers, objects), processes: ["look": Self.process])
        site.environment = Self.environment(canaries, servers, objects, site)
        try Self.plant(canaries, site, servers)
        self.site = site
    }

    private struct Servers {
        let ssh, ftp, web, cloud: TestServer
    }

    /// The secrets that stand in files, beside the home.
    private static func plant(_ canaries: Canaries, _ site: ServedSite, _ servers: Servers) throws {
        for name in ["secret", "token", "web-token", "wrong"] {
            try site.write(canaries.secret("file-\(name)") + "\n", to: name)
        }
        try site.write(servers.ssh["PASSPHRASE"], to: "passphrase")
        // One that the service knows, so that it says at length why the signature is wrong, and one that it does not.
        try site.write(servers.cloud["KEY"], to: "key")
        try site.write("AKIA" + canaries.mark, to: "unknown-key")
        try site.write(
            """
            [site]
            aws_access_key_id = AKIAEXAMPLE
            aws_secret_access_key = \(canaries.secret("profile-key"))
            aws_session_token = \(canaries.secret("env-token"))
            """, to: "credentials")
    }

    private static func environment(
        _ canaries: Canaries, _ servers: Servers, _ objects: FaultServer, _ site: ServedSite
    ) -> [Environment.Key: String] {
        [
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": canaries.secret("env-key"),
            "AWS_SESSION_TOKEN": canaries.secret("env-token"), "AWS_REGION": objects.region,
            "AWS_SHARED_CREDENTIALS_FILE": site.base.file("credentials"),
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/role",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": canaries.secret("container"),
            "WRONG": canaries.secret("env-wrong"), "UNUSED": canaries.secret("env-unused"),
            "RIGHT": servers.web["PASSWORD"],
        ]
    }

    /// A job that tells all that it sees of its environment, and fails so that its folder stays.
    private static let process = """
        id: look
        command:
          - sh
          - -c
          - |
            env; tr '\\0' '\\n' </proc/self/environ; tr '\\0' ' ' </proc/self/cmdline
            tr '\\0' ' ' </proc/$PPID/cmdline; ls -l /proc/self/fd; cat _context.json; echo looked; exit 3
        retry: {attempts: 1}
        """

    private static func configuration(_ servers: Servers, _ objects: FaultServer) throws -> String {
        let (sftp, ftps, https) = (
            try RemoteFolder(servers.ssh), try RemoteFolder(servers.ftp), try RemoteFolder(servers.web)
        )
        try sftp.put(["x_pass.nc": pattern(10, 2)])
        let keyed = try RemoteFolder(servers.ssh)
        try keyed.put(["x_key.nc": pattern(10, 3)])
        try ftps.put(["x_ftps.nc": pattern(10, 4)])
        try https.put(["x_https.nc": pattern(10, 5)])
        let host = "known-hosts: \(servers.ssh["KNOWN_HOSTS"]), user: \(servers.ssh["USER"])"
        let mail = "user: \(servers.ftp["USER"]), ca-file: \(servers.ftp["CA"])"
        let web = "user: \(servers.web["USER"]), ca-file: \(servers.web["CA"])"
        let key = "key-file: \(servers.ssh["ENCRYPTED_KEY"])"
        let files = "access-key: {file: ../key}, secret-key: {file: ../secret}"
        let unknown =
            "access-key: {file: ../unknown-key}, secret-key: {file: ../secret}, session-token: {file: ../token}"
        let quick = "limits: {connect: 2s}"
        let (ssh, ftp) = ("sftp://127.0.0.1:\(servers.ssh.port())", "ftp://127.0.0.1:\(servers.ftp.port())/data")
        let private_ = "https://127.0.0.1:\(servers.web.port())/private/\(https.name)"
        return """
            servers:
              - {name: env-s3, endpoint: "\(objects.url)", credentials: {environment: true}}
              - {name: profile-s3, endpoint: "\(objects.url)", credentials: {profile: site}}
              - {name: files-s3, endpoint: "\(servers.cloud["URL"])", region: us-east-1, credentials: {\(files)}}
              - {name: closed-s3, endpoint: "http://127.0.0.1:1", region: us-east-1, credentials: {\(unknown)}, \(quick)}
              - {name: unknown-s3, endpoint: "\(servers.cloud["URL"])", region: us-east-1, credentials: {\(unknown)}}
              - {name: container, endpoint: "\(objects.url)", credentials: {container: true}, \(quick)}
              - {name: web, endpoint: "\(objects.url)",
                 credentials: {web-identity: {arn: "arn:aws:iam::1:role/r", token-file: ../web-token}}}
              - {name: pass-sftp, \(host), password: {env: RIGHT}}
              - {name: key-sftp, \(host), \(key), key-passphrase: {file: ../passphrase}}
              - {name: pass-sftp-no, \(host), password: {env: WRONG}}
              - {name: key-sftp-no, \(host), \(key), key-passphrase: {file: ../wrong}}
              - {name: pass-ftps, \(mail), password: {env: RIGHT}}
              - {name: pass-ftps-no, \(mail), password: {file: ../wrong}}
              - {name: basic-https, \(web), password: {env: RIGHT}}
              - {name: basic-https-no, \(web), password: {env: WRONG}}
            watchers:
              - {name: env-s3, source: s3://in, server: env-s3, interval: 1s}
              - {name: profile-s3, source: s3://in/p, server: profile-s3, interval: 1s}
              - {name: files-s3, source: s3://in/f, server: files-s3, notices: "sqs://cnm", interval: 1s}
              - {name: unknown-s3, source: s3://in/u, server: unknown-s3, interval: 1s}
              - {name: closed-s3, source: s3://in/c, server: closed-s3, interval: 1s}
              - {name: container, source: s3://in/d, server: container, interval: 1s}
              - {name: web, source: s3://in/w, server: web, interval: 1s}
              - {name: pass-sftp, source: "\(ssh)\(sftp.path)", server: pass-sftp, interval: 1s}
              - {name: pass-sftp-no, source: "\(ssh)\(sftp.path)", server: pass-sftp-no, interval: 1s}
              - {name: key-sftp, source: "\(ssh)\(keyed.path)", server: key-sftp, interval: 1s}
              - {name: key-sftp-no, source: "\(ssh)\(keyed.path)", server: key-sftp-no, interval: 1s}
              - {name: closed-sftp, source: "sftp://127.0.0.1:1/x", server: pass-sftp-no, interval: 1s}
              - {name: pass-ftps, source: "\(ftp)/\(ftps.name)", server: pass-ftps, interval: 1s}
              - {name: pass-ftps-no, source: "\(ftp)/\(ftps.name)", server: pass-ftps-no, interval: 1s}
              - {name: closed-ftps, source: "ftp://127.0.0.1:1/x", server: pass-ftps-no, interval: 1s}
              - {name: basic-https, source: "\(private_)", server: basic-https, interval: 1s}
              - {name: basic-https-no, source: "\(private_)", server: basic-https-no, interval: 1s}
              - {name: closed-https, source: "https://127.0.0.1:1/x", server: basic-https-no, interval: 1s}
            rules:
              - {name: look, process: look}
            destinations:
              - {name: taken, outbox: "sqs://cnm", inbox: "sqs://cnm", server: env-s3}
              - {name: refused, outbox: "sqs://cnm", inbox: "kinesis://answers", server: files-s3}
              - {name: closed, outbox: "arn:aws:sns:us-east-1:1:topic", server: closed-s3}
            """
    }
}

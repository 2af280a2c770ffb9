// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// How one server is reached: settled by configuration, never by a message.
public struct ServerAccess: Sendable, Hashable {
    /// For sftp, ftp, and basic authorization of http and https.
    public var user: String?
    public var password: Secret?
    /// Sftp: the private key's file. The public key is derived from it, or lies beside it as `.pub`.
    public var keyFile: String?
    public var keyPassphrase: Secret?
    /// Sftp: the `known_hosts` file. A server that is not in it is never spoken to.
    public var knownHosts: String?
    /// Certificates (PEM) that are trusted instead of the system's.
    public var caFile: String?
    /// A URL; nil means none, whatever the environment says.
    public var proxy: String?
    /// Of `ftp:` addresses: explicit TLS is demanded; plain ftp only when false. `ftps:` is TLS in any case.
    public var requiresTLS = true
    /// Requests under way to one host at a time; the others wait in line.
    public var connections = 16
    /// For all transfers of the host together.
    public var bytesPerSecond: Int64?
    /// For all transfers of the host together.
    public var requestsPerSecond: Double?
    public var connectLimit: Duration = .seconds(10)
    /// Less than one byte a second for so long ends a transfer.
    public var stallLimit: Duration = .seconds(60)
    public var totalLimit: Duration = .seconds(6 * 3600)
    /// `host` or `host:port` that a redirect may lead to; from https never to http.
    public var redirectHosts: Set<String> = []
    /// True only for the configured source of credentials, which is reached by a link-local address.
    public var allowsLinkLocal = false

    public init() {}
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A folder on an sftp server, to read from.
///
/// A listing by sftp, as libcurl gives it, states times to the minute only; so each file is looked at, several at once,
/// and its generation is its size and the second of its last change. Servers' keys must be in `known_hosts`. Keys of the
/// kind RSA can't be used: libssh2 signs with SHA-1 only.
public struct SFTPStore: TreeStore {
    let tree: RemoteTree

    /// - Parameters:
    ///   - url: `sftp://HOST[:PORT]/PATH`; a path that begins with `/~/` is below the user's home.
    ///   - access: needs `knownHosts`, and a password or a key.
    public init(_ url: String, access: ServerAccess, engine: CurlEngine = .shared) throws(GranaryError) {
        var access = access
        // Servers drop logins at random once ten of them are under way at a time (`MaxStartups`).
        access.connections = min(access.connections, 8)
        guard access.knownHosts != nil else { throw .noKnownHosts(url) }
        let place = try RemotePlace(url, scheme: "sftp", access: access, engine: engine)
        tree = RemoteTree(files: SFTPFiles(place: place))
    }
}

extension GranaryError {
    fileprivate static func noKnownHosts(_ url: String) -> GranaryError {
        GranaryError(
            .configurationInvalid, "'\(url)' has no known_hosts file.", subject: url,
            remedy:
                "Write the server's key into a file (ssh-keyscan, compared with what its operator says) and name it.")
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A folder on an ftp server, to read from.
///
/// TLS is demanded for commands and data: from the first byte for `ftps:`, by AUTH TLS for `ftp:` unless
/// `access.requiresTLS` is false. Listed by MLSD where the server knows it, else by LIST, with a look at each file (SIZE,
/// MDTM). A listing that a relay ends early between two lines, while the server says that all was sent, can't be told from a
/// whole one: libcurl does not ask whether TLS was closed as it should be. One that is empty can, where `LIST -a` is known.
public struct FTPStore: TreeStore {
    let tree: RemoteTree

    /// - Parameter url: `ftp://HOST[:PORT]/PATH` or `ftps://…`; below the folder where the user is after login, `//PATH` below the root.
    public init(_ url: String, access: ServerAccess, engine: CurlEngine = .shared) throws(GranaryError) {
        let isImplicit = url.lowercased().hasPrefix("ftps:")
        var access = access
        if isImplicit { access.requiresTLS = true }
        // Servers want the data's TLS session to be that of its own control connection (vsftpd's `require_ssl_reuse`), and
        // libcurl keeps one session for each server.
        access.connections = access.requiresTLS ? 1 : min(access.connections, 8)
        let place = try RemotePlace(url, scheme: isImplicit ? "ftps" : "ftp", access: access, engine: engine)
        tree = RemoteTree(files: FTPFiles(place: place))
    }
}

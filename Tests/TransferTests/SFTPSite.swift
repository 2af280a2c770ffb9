// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import GranaryCore
import GranaryTesting
import GranaryTransfer

/// How ftp is spoken: encrypted after AUTH TLS, encrypted from the first byte on, or not at all.
enum FTPWay: CaseIterable {
    case explicit, implicit, plain

    var scheme: String { self == .implicit ? "ftps" : "ftp" }

    /// What a server's script calls the port.
    var port: String {
        switch self {
        case .explicit: "PORT"
        case .implicit: "IMPLICIT_PORT"
        case .plain: "PLAIN_PORT"
        }
    }
}

/// A folder of a test's own on a real server's disk, with a store that sees it through the server.
struct RemoteSite: Sendable {
    let server: TestServer
    let folder: String
    let store: any Store

    static func sftp(_ access: (TestServer) -> ServerAccess = { .key($0) }) async throws -> RemoteSite {
        let server = try await TestServer.start("sshd")
        let folder = try ownFolder(in: server["DATA"])
        let url = "sftp://127.0.0.1:\(server["PORT"])\(folder)"
        return RemoteSite(server: server, folder: folder, store: try SFTPStore(url, access: access(server)))
    }

    static func ftp(
        _ name: String = "vsftpd", by way: FTPWay = .explicit, _ change: (inout ServerAccess) -> Void = { _ in }
    ) async throws -> RemoteSite {
        let server = try await TestServer.start(name)
        let folder = try ownFolder(in: server["DATA"])
        var access = ServerAccess.anonymous(server)
        access.requiresTLS = way == .explicit
        change(&access)
        let store = try FTPStore(
            "\(way.scheme)://127.0.0.1:\(server[way.port])/data/\(BytePath(folder).name)", access: access,
            engine: CurlEngine(threads: 1))
        return RemoteSite(server: server, folder: folder, store: store)
    }

    /// As `StoreConformance` wants it.
    var underTest: SourceUnderTest { SourceUnderTest(store) { try self.put($0, $1) } }

    /// Writes a file on the server's disk, in a folder from which the server's user may remove it.
    func put(_ path: BytePath, _ bytes: [UInt8]) throws {
        makeFolder(path.directory)
        let file = open(cPath(path), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        defer { close(file) }
        guard file >= 0, write(file, bytes, bytes.count) == bytes.count else { throw SiteFailure(path: path) }
    }

    func makeFolder(_ path: BytePath) {
        guard !path.bytes.isEmpty else { return }
        makeFolder(path.directory)
        mkdir(cPath(path), 0o777)
        chmod(cPath(path), 0o777)
    }

    func cPath(_ path: BytePath) -> [CChar] {
        (Array(folder.utf8) + [UInt8(ascii: "/")] + path.bytes + [0]).map { CChar(bitPattern: $0) }
    }
}

struct SiteFailure: Error { let path: BytePath }

func ownFolder(in data: String) throws -> String {
    let folder = "\(data)/\(SystemRandomness().identifier())"
    guard mkdir(folder, 0o777) == 0, chmod(folder, 0o777) == 0 else { throw SiteFailure(path: BytePath(folder)) }
    return folder
}

extension ServerAccess {
    static func key(_ server: TestServer, _ name: String = "KEY") -> ServerAccess {
        var access = ServerAccess()
        access.user = server["USER"]
        access.keyFile = server[name]
        access.knownHosts = server["KNOWN_HOSTS"]
        return access
    }

    static func password(_ server: TestServer, _ password: String) -> ServerAccess {
        var access = ServerAccess()
        access.user = server["USER"]
        access.password = Secret(password)
        access.knownHosts = server["KNOWN_HOSTS"]
        return access
    }

    static func anonymous(_ server: TestServer) -> ServerAccess {
        var access = ServerAccess()
        access.user = server["USER"]
        access.password = Secret(server["PASSWORD"])
        access.caFile = server["CA"]
        return access
    }
}

/// All entries of a listing.
func listing(_ store: any Store) async throws -> [StoreEntry] {
    var all: [StoreEntry] = []
    for try await page in store.entries() { all += page }
    return all
}

/// The error with which something failed.
func failure(_ body: () async throws -> Void) async -> GranaryError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? GranaryError
    }
}

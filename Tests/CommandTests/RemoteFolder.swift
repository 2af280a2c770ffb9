// SPDX-License-Identifier: Apache-2.0

import Foundation
import GranaryCore
import GranaryTesting

/// A folder of a test's own on the disk that a real server shows, with files that a list of checksums vouches for.
struct RemoteFolder: Sendable {
    let server: TestServer
    let name = SystemRandomness().identifier()
    var path: String { "\(server["DATA"])/\(name)" }

    init(_ server: TestServer) throws {
        self.server = server
        try make("")
    }

    private func make(_ folder: String) throws {
        try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: "\(path)/\(folder)")
    }

    /// Puts files there, by their names, and then the list that vouches for them.
    func put(_ files: [String: [UInt8]]) throws {
        for (name, bytes) in files {
            if let slash = name.lastIndex(of: "/") { try make(String(name[..<slash])) }
            try write(bytes, name)
        }
        let lines = files.map { "\(Checksum(.sha256, of: $1).hex)  \($0)\n" }
        try write(Array(lines.joined().utf8), "SHA256SUMS")
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(path)/\(name)")
    }

    /// What is there now.
    func names() throws -> Set<String> { Set(try FileManager.default.subpathsOfDirectory(atPath: path)) }
}

/// Bytes that no two files share.
func pattern(_ count: Int, _ seed: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251 &+ seed) }
}

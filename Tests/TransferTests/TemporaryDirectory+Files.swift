// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import GranaryCore
import GranaryTesting

/// Files of any name, as the system takes them.
extension TemporaryDirectory {
    /// The full path of a name, as the system takes it.
    func cPath(_ name: BytePath) -> [CChar] {
        Array(path.utf8CString.dropLast()) + [CChar(bitPattern: UInt8(ascii: "/"))]
            + name.bytes.map { CChar(bitPattern: $0) } + [0]
    }

    func write(_ name: BytePath, _ bytes: [UInt8]) {
        let file = open(cPath(name), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        precondition(file >= 0 && Glibc.write(file, bytes, bytes.count) == bytes.count, "could not write \(name)")
        close(file)
    }

    func append(_ name: BytePath, _ bytes: [UInt8]) {
        let file = open(cPath(name), O_WRONLY | O_APPEND)
        precondition(file >= 0 && Glibc.write(file, bytes, bytes.count) == bytes.count, "could not append to \(name)")
        close(file)
    }

    func makeDirectory(_ name: BytePath) { mkdir(cPath(name), 0o755) }

    func link(_ name: BytePath, to target: String) { symlink(target, cPath(name)) }

    func read(_ name: BytePath) -> [UInt8]? {
        let file = open(cPath(name), O_RDONLY)
        guard file >= 0 else { return nil }
        return (try? FileHandle(fileDescriptor: file, closeOnDealloc: true).readToEnd() ?? Data()).map(Array.init)
    }

    func names(in name: String = "") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + name)) ?? []).sorted()
    }

    func mode(of name: BytePath) -> mode_t {
        var status = stat()
        lstat(cPath(name), &status)
        return status.st_mode & 0o7777
    }
}

/// Bytes that differ from chunk to chunk: a tile of prime length, over and over.
func pattern(_ count: Int, seed: Int = 0) -> [UInt8] {
    let tile = (0..<min(count, 65_521)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &+ seed) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count { bytes.append(contentsOf: tile.prefix(count - bytes.count)) }
    return bytes
}

/// The code with which something failed, nil when it did not.
func failureCode(_ body: () async throws -> Void) async -> GranaryError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? GranaryError)?.code
    }
}

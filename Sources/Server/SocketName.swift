// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore

/// A name for a file that fits into a socket address, however deep its folder lies; valid until `close()`.
///
/// A socket address holds only `longest` bytes of path. Beyond that the folder is opened and the file is named through
/// it, as in `/proc/self/fd/7/granary.sock`, which leads to the same file.
struct SocketName: Sendable {
    /// Bytes: the bound that NIO keeps on all systems, a little below Linux's own 107.
    static let longest = 103

    let text: String
    private let folder: Int32?

    /// Throws `IOError` when the folder of a long name cannot be opened.
    init(_ file: String, in folder: String) throws {
        let direct = "\(folder)/\(file)"
        guard direct.utf8.count > Self.longest else {
            text = direct
            self.folder = nil
            return
        }
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "open \(folder)") }
        text = "/proc/self/fd/\(descriptor)/\(file)"
        self.folder = descriptor
    }

    func close() {
        if let folder { _ = Glibc.close(folder) }
    }
}

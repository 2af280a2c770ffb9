// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore

/// Reads files of configuration and tokens: small, and written anew by others while we run.
enum SmallFile {
    private static let longest = 1 << 20

    /// The text of a file, or nil when there is none.
    static func text(_ path: String) throws(GranaryError) -> String? {
        guard let file = fopen(path, "re") else {
            guard errno == ENOENT || errno == ENOTDIR else { throw unreadable(path, errno) }
            return nil
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: longest)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw unreadable(path, EIO) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// A token, without the white space around it.
    static func token(_ path: String) throws(GranaryError) -> Secret {
        guard let text = try text(path) else { throw .noCredentials("The token file '\(path)' is not there.") }
        let token = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
        guard !token.isEmpty, token.allSatisfy({ !$0.isWhitespace }) else {
            throw .noCredentials("The token file '\(path)' is empty or holds more than a token.")
        }
        return Secret(String(token))
    }

    private static func unreadable(_ path: String, _ error: Int32) -> GranaryError {
        GranaryError(
            .denied, "'\(path)' can't be read: \(String(cString: strerror(error))).", subject: path,
            remedy: "Let the user that Granary runs as read it.")
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import SystemPackage

/// Files of `/proc`, of control groups and of work directories: small, and read or written in one go.
enum SmallFile {
    private static let piece = 64 << 10

    /// Up to `limit` bytes from the start, or nil when it cannot be read. Links are followed only where `links` says so.
    static func bytes(_ path: String, limit: Int, links: Bool = true) -> [UInt8]? {
        let options: FileDescriptor.OpenOptions = links ? [.closeOnExec] : [.closeOnExec, .noFollow, .nonBlocking]
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: options) else { return nil }
        defer { try? file.close() }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(limit, piece))
        while bytes.count < limit {
            guard let count = try? buffer.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return nil }
            guard count > 0 else { break }
            bytes += buffer[..<min(count, limit - bytes.count)]
        }
        return bytes
    }

    static func read(_ path: String) -> String? {
        bytes(path, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Up to `limit` bytes from the end; nothing when it cannot be read.
    static func tail(_ path: String, limit: Int) -> [UInt8] {
        let options: FileDescriptor.OpenOptions = [.closeOnExec, .noFollow, .nonBlocking]
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: options) else { return [] }
        defer { try? file.close() }
        guard let size = try? file.seek(offset: 0, from: .end) else { return [] }
        var buffer = [UInt8](repeating: 0, count: min(limit, Int(size)))
        let start = size - Int64(buffer.count)
        let count = try? buffer.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: start, into: $0) }
        return Array(buffer.prefix(count ?? 0))
    }

    /// Writes into a file that exists; a file that is gone needs no word from us.
    static func write(_ text: String, to path: String) {
        guard let file = try? FileDescriptor.open(FilePath(path), .writeOnly, options: [.closeOnExec]) else { return }
        defer { try? file.close() }
        _ = try? file.writeAll(text.utf8)
    }

    /// The names of the directories in a directory.
    static func directories(in path: String) -> [String] { entries(in: path) { $0 == DT_DIR } }

    /// The names of everything in a directory.
    static func names(in path: String) -> [String] { entries(in: path) { _ in true } }

    private static func entries(in path: String, where isWanted: (Int) -> Bool) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            guard isWanted(Int(entry.pointee.d_type)) else { continue }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}

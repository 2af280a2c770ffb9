// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import SystemPackage
import Yams

/// Reads a YAML file whole.
func yaml(at path: String) throws -> Node {
    let text = String(decoding: try contents(of: path), as: UTF8.self)
    do {
        guard let node = try Yams.compose(yaml: text) else { throw complaint(path, "it is empty") }
        return node
    } catch let error as YamlError {
        throw complaint(path, "it is not YAML: \(error)", remedy: "Correct the file at the line it names.")
    }
}

/// The bytes of a small file of the operator's own.
func contents(of path: String) throws -> [UInt8] {
    do {
        let file = try FileDescriptor.open(FilePath(path), .readOnly)
        return try file.closeAfter {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while case let count = try buffer.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
                bytes += buffer[..<count]
                guard bytes.count <= Limits.manifestBytes else {
                    throw complaint(path, "it is larger than \(Limits.manifestBytes) bytes")
                }
            }
            return bytes
        }
    } catch let error as Errno {
        throw GranaryError(
            .configurationInvalid, "\(path) cannot be read: \(error).", subject: path,
            remedy: "`granary init` makes a home; --home says where it is.", cause: error)
    }
}

/// The names in a folder; none when there is no such folder.
func namesOfFiles(in folder: String) throws -> [String] {
    guard let directory = opendir(folder) else {
        if errno == ENOENT { return [] }
        throw complaint(folder, "it cannot be read: \(Errno(rawValue: errno))")
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        names.append(
            withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { $0 != "." && $0 != ".." }
}

// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import SystemPackage

/// The value of an environment variable; nil when it is unset or empty.
func environment(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
    return value
}

/// The whole environment, for what looks for several variables in it.
func environmentVariables() -> [String: String] {
    var variables: [String: String] = [:]
    var place = environ
    while let entry = place.pointee {
        let text = String(cString: entry)
        let name = text.prefix { $0 != "=" }
        variables[String(name)] = String(text.dropFirst(name.count + 1))
        place += 1
    }
    return variables
}

func currentFolder() -> String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
}

/// Makes a folder and those above it; one that is there already is fine.
func makeFolder(_ path: String) throws {
    guard mkdir(path, 0o755) != 0, errno != EEXIST else { return }
    if errno == ENOENT, FilePath(path).removingLastComponent().string != path {
        try makeFolder(FilePath(path).removingLastComponent().string)
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    }
    throw GranaryError(
        .denied, "The folder \(path) cannot be made: \(Errno(rawValue: errno)).", subject: path,
        remedy: "Make it by hand, or give this user the right to.")
}

/// Writes a new file whole. A file that is there already is left alone, and false comes back.
@discardableResult
func writeNewFile(_ path: String, _ text: String) throws -> Bool {
    do {
        let file = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .exclusiveCreate],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
        return true
    } catch Errno.fileExists {
        return false
    } catch let error as Errno {
        throw GranaryError(
            .denied, "\(path) cannot be written: \(error).", subject: path,
            remedy: "Give this user the right to, or choose another folder.",
            cause: error)
    }
}

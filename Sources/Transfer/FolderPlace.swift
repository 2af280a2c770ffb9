// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import SystemPackage

/// Where a folder really is: itself and every folder above it, by device and inode, so that neither a symbolic link nor a
/// bind mount hides that one folder lies in another.
public struct FolderPlace: Sendable {
    private struct Identity: Hashable, Sendable {
        var device: UInt64
        var inode: UInt64
    }
    private var own: Identity?
    private var ancestors: Set<Identity> = []

    /// A folder that is not there yet is placed by the nearest one above it that is.
    public init(_ path: String) {
        var folder = FilePath(realPath(path) ?? path).lexicallyNormalized()
        own = Self.identity(folder.string)
        while true {
            if let identity = Self.identity(folder.string) { ancestors.insert(identity) }
            guard folder.removeLastComponent() else { return }
        }
    }

    /// True when the other folder is this one, or lies anywhere below it.
    public func holds(_ other: FolderPlace) -> Bool { own.map(other.ancestors.contains) ?? false }

    private static func identity(_ path: String) -> Identity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}

private func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}

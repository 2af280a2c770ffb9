// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore

/// What the file system says about one file.
struct FileStatus: Sendable, Hashable {
    let kind: StoreEntry.Kind
    /// In bytes.
    let size: Int64
    /// Nanoseconds since 1970.
    let modified: Int64
    /// Nanoseconds since 1970, by the kernel's own hand: nobody can set it back.
    let changed: Int64
    let inode: UInt64
    let device: UInt64

    init(_ status: stat) {
        kind = StoreEntry.Kind(mode: status.st_mode)
        size = Int64(status.st_size)
        modified = nanoseconds(status.st_mtim)
        changed = nanoseconds(status.st_ctim)
        inode = UInt64(status.st_ino)
        device = UInt64(status.st_dev)
    }

    /// `size.mtime.ctime.inode` in base 36, times in nanoseconds.
    ///
    /// A new hard link, a chmod or a rename moves ctime, so it makes a new generation of the same bytes: one needless
    /// look, never a missed change. The device is left out on purpose: network and virtual file systems get another
    /// number at every mount, and a restart of the machine would make each kept file look new.
    var generation: String {
        [size, modified, changed].map { String($0, radix: 36) }.joined(separator: ".") + "."
            + String(inode, radix: 36)
    }

    /// True when both are one file under two names: same inode on the same device.
    func isSameFile(as other: FileStatus) -> Bool { inode == other.inode && device == other.device }

    func entry(at path: BytePath) -> StoreEntry {
        StoreEntry(
            path: path, kind: kind, size: size, modified: Timestamp(microseconds: modified / 1000),
            generation: generation)
    }
}

extension StoreEntry.Kind {
    init(mode: mode_t) {
        self =
            switch mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFIFO: .pipe
            case S_IFSOCK: .socket
            default: .device
            }
    }
}

/// Wraps where a hostile time stamp (year 300,000) would overflow; only equality matters there.
private func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec) }

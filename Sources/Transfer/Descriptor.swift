// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import GranaryCore
import SystemPackage

/// An open file or directory, closed when the last owner lets go of it.
///
/// Every path is opened beneath a directory that is already open: it can neither leave it nor pass a symbolic link.
final class Descriptor: Sendable {
    let number: Int32

    init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    /// A directory by its full path, as the operator configured it: the only place where links may be followed.
    static func root(_ path: String) throws(Errno) -> Descriptor {
        Descriptor(owning: try checked { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    }

    /// Opens what lies at `path` below this directory; the empty path is the directory itself.
    func open(_ path: BytePath, _ flags: Int32, mode: UInt32 = 0) throws(Errno) -> Descriptor {
        let number = try path.withCString { name throws(Errno) in
            try checked { granary_open_beneath(self.number, name, flags | O_CLOEXEC, mode) }
        }
        return Descriptor(owning: number)
    }

    /// Opens for reading without ever waiting for a pipe's writer, and without touching the access time where allowed.
    func openForReading(_ path: BytePath) throws(Errno) -> Descriptor {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        do {
            return try open(path, flags | granary_O_NOATIME)
        } catch .notPermitted {
            return try open(path, flags)
        }
    }

    /// A handle on the thing itself, link or not, for asking only; works for what may not be read.
    func openHandle(_ path: BytePath) throws(Errno) -> Descriptor { try open(path, granary_O_PATH | O_NOFOLLOW) }

    /// A directory for relative calls only, which it need not be allowed to read.
    func openPlace(_ path: BytePath) throws(Errno) -> Descriptor { try open(path, granary_O_PATH | O_DIRECTORY) }

    func openDirectory(_ path: BytePath) throws(Errno) -> Descriptor { try open(path, O_RDONLY | O_DIRECTORY) }

    func status() throws(Errno) -> FileStatus {
        var status = stat()
        try checked { fstat(number, &status) }
        return FileStatus(status)
    }

    /// What a name in this directory is, itself and not what it may link to.
    func status(of name: BytePath) throws(Errno) -> FileStatus {
        var status = stat()
        try name.withCString { name throws(Errno) in
            _ = try checked { fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) }
        }
        return FileStatus(status)
    }
}

extension Descriptor {
    /// Reads at the current position; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try checked { Glibc.read(number, buffer.baseAddress, buffer.count) }
    }

    /// Writes all of it; a short write is gone on with, and one that writes nothing is an error.
    ///
    /// - Parameter size: what one system call is given at most, in bytes; see `pieceSize`.
    func write(_ bytes: UnsafeRawBufferPointer, inPiecesOf size: Int = .max) throws(Errno) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(size))
            let count = try checked { Glibc.write(number, piece.baseAddress, piece.count) }
            guard count > 0 else { throw .ioError }
            rest = rest.dropFirst(count)
        }
    }

    func write(_ bytes: [UInt8]) throws(Errno) {
        try bytes.withUnsafeBufferPointer { bytes throws(Errno) in try write(UnsafeRawBufferPointer(bytes)) }
    }

    /// How many bytes of a large file the file system that this lies on should be given at a time.
    ///
    /// Little: for a large write Linux (6.18, ext4) caches the file in large folios, and in a virtual machine whose host
    /// takes free memory back (Firecracker with a balloon) it is those that the host must find anew: there a gibibyte took
    /// 2.6 s in pieces of 1 MiB and 0.6 s in pieces of 16 KiB. No other machine was measured. On FUSE and 9P each piece is a
    /// message to whoever serves the files.
    var pieceSize: Int { granary_asks_another_process(number) == 1 ? 1 << 20 : 16 << 10 }

    /// Asks the kernel to begin writing a range to the medium. A hint, so a refusal means nothing.
    func startWriteback(from offset: Int64, count: Int64) { _ = granary_start_writeback(number, offset, count) }

    /// Makes the next `read` begin at a byte.
    func seek(to offset: Int64) throws(Errno) {
        guard lseek(number, off_t(offset), SEEK_SET) >= 0 else { throw Errno(rawValue: errno) }
    }

    func expectSequentialReading() { _ = posix_fadvise(number, 0, 0, POSIX_FADV_SEQUENTIAL) }

    /// Not repeated on EINTR or any other error: after a failed fsync the kernel may call the lost pages clean.
    func flush() throws(Errno) {
        guard fsync(number) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Flushes the whole file system that this directory lies on. Never repeated either.
    func flushFileSystem() throws(Errno) {
        guard granary_syncfs(number) == 0 else { throw Errno(rawValue: errno) }
    }

    func setMode(_ mode: UInt32) throws(Errno) { try checked { fchmod(number, mode) } }

    func makeDirectory(_ name: BytePath, mode: UInt32) throws(Errno) {
        try name.withCString { name throws(Errno) in _ = try checked { mkdirat(number, name, mode) } }
    }

    /// Removes a name that is not a directory.
    func unlink(_ name: BytePath) throws(Errno) {
        try name.withCString { name throws(Errno) in _ = try checked { unlinkat(number, name, 0) } }
    }

    /// Gives a file a new name, never replacing what has that name already.
    ///
    /// File systems without RENAME_NOREPLACE (some FUSE and network ones) get a hard link and lose the old name: a link
    /// refuses an existing name just as atomically, and a crash in between leaves a second name in temporary space.
    func rename(_ name: BytePath, to directory: Descriptor, _ newName: BytePath) throws(Errno) {
        try name.withCString { old throws(Errno) in
            try newName.withCString { new throws(Errno) in
                do throws(Errno) {
                    _ = try checked { granary_rename_new(number, old, directory.number, new) }
                } catch  where error == .invalidArgument || error == .noFunction {
                    _ = try checked { linkat(number, old, directory.number, new, 0) }
                    _ = try checked { unlinkat(number, old, 0) }
                }
            }
        }
    }
}

/// The result of a system call, made again when a signal interrupted it.
@discardableResult
func checked<Value: SignedInteger>(_ call: () -> Value) throws(Errno) -> Value {
    while true {
        let result = call()
        if result >= 0 { return result }
        let fault = Errno(rawValue: errno)
        guard fault == .interrupted else { throw fault }
    }
}

extension BytePath {
    /// The path as the system takes it; the empty path is the directory itself. A path with NUL must not get here.
    func withCString<Value>(_ body: (UnsafePointer<CChar>) throws(Errno) -> Value) throws(Errno) -> Value {
        let name = (bytes.isEmpty ? Array(".".utf8) : bytes).map { CChar(bitPattern: $0) } + [0]
        return try name.withUnsafeBufferPointer { buffer throws(Errno) in
            guard let base = buffer.baseAddress else { throw .invalidArgument }
            return try body(base)
        }
    }
}

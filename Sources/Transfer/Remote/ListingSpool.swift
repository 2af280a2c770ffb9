// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import Synchronization
import SystemPackage

/// Keeps the lines of one directory's listing until they are wanted: a few in memory, more in a file without a name.
///
/// So a directory of any size is listed in one go, in bounded memory, and no connection waits for whoever reads.
final class ListingSpool: ByteSink {
    fileprivate struct State {
        var splitter: LineSplitter
        /// Records: four bytes of length, then the line.
        var memory: [UInt8] = []
        var file: FileDescriptor?
        var written: Int64 = 0
        var read: Int64 = 0
    }

    private let state: Mutex<State>

    init(_ framing: LineSplitter.Framing) { state = Mutex(State(splitter: LineSplitter(framing))) }

    deinit { state.withLock { try? $0.file?.close() } }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            for line in try state.splitter.take(bytes) { try state.keep(line) }
        }
    }

    /// Throws when the listing ended within a line.
    func finish() throws(GranaryError) {
        try state.withLock { (state) throws(GranaryError) in try state.splitter.finish() }
    }

    /// The next lines, in order, each once; none at the end.
    func next(_ count: Int) throws -> [[UInt8]] { try state.withLock { try $0.next(count) } }
}

extension ListingSpool.State {
    fileprivate mutating func keep(_ line: [UInt8]) throws {
        withUnsafeBytes(of: UInt32(line.count).littleEndian) { memory.append(contentsOf: $0) }
        memory += line
        if memory.count >= spoolMemory { try spill() }
    }

    private mutating func spill() throws {
        let file = try self.file ?? unnamedFile()
        self.file = file
        _ = try reporting("keep a listing in", "a temporary file", on: .store) { () throws(Errno) in
            try writeAll(file)
        }
        written += Int64(memory.count)
        memory = []
    }

    private func writeAll(_ file: FileDescriptor) throws(Errno) {
        do {
            try file.writeAll(memory)
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    fileprivate mutating func next(_ count: Int) throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        while lines.count < count, let header = try bytes(4) {
            let length = header.reversed().reduce(0) { $0 << 8 | Int($1) }
            lines.append(try bytes(length) ?? [])
        }
        return lines
    }

    /// The next bytes, nil when there are no more.
    private mutating func bytes(_ count: Int) throws -> [UInt8]? {
        if read >= written {
            let start = Int(read - written)
            guard start + count <= memory.count else { return nil }
            read += Int64(count)
            return Array(memory[start..<start + count])
        }
        guard let file else { return nil }
        let found = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = try file.read(fromAbsoluteOffset: read, into: UnsafeMutableRawBufferPointer(buffer))
        }
        guard found.count == count else { throw GranaryError.system(.ioError, "read", "a kept listing", on: .store) }
        read += Int64(count)
        return found
    }
}

/// Bytes of lines that stay in memory: most directories' whole listing.
private let spoolMemory = 64 << 10

private func unnamedFile() throws(GranaryError) -> FileDescriptor {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let name = "\(folder)/granary-listing-\(SystemRandomness().identifier())"
    let number = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw .system(Errno(rawValue: errno), "make a temporary file in", folder, on: .store) }
    unlink(name)
    return FileDescriptor(rawValue: number)
}

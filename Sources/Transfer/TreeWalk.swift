// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import Synchronization
import SystemPackage

/// Walks a tree depth first, a page at a time, holding two descriptors for each level and nothing else.
///
/// A directory deeper than `Limits.directoryDepth` is not walked but shown as an entry, so that it can be refused with a
/// reason; names that vanish while we look are not there.
final class TreeWalk: Sendable {
    private struct Level {
        let path: BytePath
        let directory: Descriptor
        let names: DirectoryStream
    }

    private let root: Root
    private let levels = Mutex<[Level]?>(nil)

    init(_ root: Root) { self.root = root }

    /// The next entries, nil at the end. Not empty.
    func nextPage() throws -> [StoreEntry]? {
        try levels.withLock { levels in
            var walk = try levels ?? begin()
            var page: [StoreEntry] = []
            while page.count < Limits.listingPage, !walk.isEmpty {
                if let entry = try step(&walk) { page.append(entry) }
            }
            // An emptied mount point must not end a listing as if all had been seen.
            if walk.isEmpty { try root.verify(on: .source) }
            levels = walk
            return page.isEmpty ? nil : page
        }
    }

    private func begin() throws -> [Level] {
        try root.verify(on: .source)
        return [try open("", as: "", below: root.directory)]
    }

    private func step(_ walk: inout [Level]) throws -> StoreEntry? {
        guard let level = walk.last else { return nil }
        guard let name = try reading(level.path, { () throws(Errno) in try level.names.next() }) else {
            walk.removeLast()
            return nil
        }
        let path = level.path.appending(name)
        guard path != BytePath(Workspace.reserved), let status = try status(of: name, in: level) else { return nil }
        guard status.kind == .directory, walk.count < Limits.directoryDepth else { return status.entry(at: path) }
        do {
            walk.append(try open(name, as: path, below: level.directory))
        } catch let error as GranaryError where error.code == .notFound || error.code == .pathRefused {
            // It went, or became a link, since we looked: the next listing shows what it is.
        }
        return nil
    }

    private func status(of name: BytePath, in level: Level) throws -> FileStatus? {
        do throws(Errno) {
            return try level.directory.status(of: name)
        } catch .noSuchFileOrDirectory {
            return nil
        } catch {
            throw GranaryError.system(error, "look at", level.path.appending(name).description, on: .source)
        }
    }

    private func open(_ name: BytePath, as path: BytePath, below parent: Descriptor) throws -> Level {
        try reading(path) { () throws(Errno) in
            let directory = try parent.openDirectory(name)
            return Level(path: path, directory: directory, names: try DirectoryStream(directory))
        }
    }

    private func reading<Value>(_ path: BytePath, _ call: () throws(Errno) -> Value) throws -> Value {
        try reporting("list", path.bytes.isEmpty ? BytePath(root.path) : path, on: .source, call)
    }
}

/// The names in one directory, without `.` and `..`, read in the kernel's own pieces.
final class DirectoryStream {
    private let stream: OpaquePointer

    /// Reads from the beginning, through a descriptor of its own.
    init(_ directory: Descriptor) throws(Errno) {
        let copy = try checked { openat(directory.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard let stream = fdopendir(copy) else {
            let fault = Errno(rawValue: errno)
            close(copy)
            throw fault
        }
        self.stream = stream
    }

    deinit { closedir(stream) }

    func next() throws(Errno) -> BytePath? {
        while true {
            errno = 0
            guard let record = readdir(stream) else {
                guard errno == 0 else { throw Errno(rawValue: errno) }
                return nil
            }
            let name = BytePath(nameBytes(record))
            if name != "." && name != ".." { return name }
        }
    }

    /// All names at once, for directories that we keep small ourselves.
    func all() throws(Errno) -> [BytePath] {
        var names: [BytePath] = []
        while let name = try next() { names.append(name) }
        return names
    }

    private func nameBytes(_ record: UnsafeMutablePointer<dirent>) -> [UInt8] {
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        let start = UnsafeRawPointer(record) + offset
        return Array(UnsafeRawBufferPointer(start: start, count: strlen(start.assumingMemoryBound(to: CChar.self))))
    }
}

// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import SystemPackage

/// The directory that a store lives in, opened once; everything else is opened relative to it.
final class Root: Sendable {
    let path: String
    let directory: Descriptor
    private let identity: FileStatus

    /// The directory must exist. The path itself may pass symbolic links: it is the operator's word.
    init(_ path: String) throws(GranaryError) {
        guard !path.utf8.contains(0), let whole = realpath(path, nil) else {
            throw .system(.noSuchFileOrDirectory, "open the directory", path, on: .store)
        }
        defer { free(whole) }
        let resolved = String(cString: whole)
        self.path = resolved
        let (directory, identity) = try reporting("open the directory", BytePath(path), on: .store) {
            () throws(Errno) in
            let directory = try Descriptor.root(resolved)
            return (directory, try directory.status())
        }
        self.directory = directory
        self.identity = identity
    }

    /// Throws when the path no longer leads to the directory that was opened: unmounted, mounted over, moved, replaced.
    ///
    /// Without this a staging area whose disk is gone would look like one that is empty.
    func verify(on side: Side) throws(GranaryError) {
        let now = try? Descriptor.root(path).status()
        guard now?.isSameFile(as: identity) != true else { return }
        throw GranaryError(
            side == .source ? .sourceUnreadable : .storeFailed,
            "'\(path)' is \(now == nil ? "gone" : "not the directory that was opened"): unmounted, moved or replaced.",
            subject: path, remedy: "Mount it again; if it was replaced on purpose, restart the service.",
            disposition: .retry(after: .seconds(30)))
    }

    /// Refuses a path that names nothing below the root, before any call is made with it.
    func check(_ path: BytePath) throws(GranaryError) {
        guard path.isUnsafe else { return }
        throw GranaryError(
            .pathRefused, "'\(path)' does not name a file below '\(self.path)'.", subject: path.description,
            remedy: "Use a relative path without '.', '..', empty parts or NUL.", disposition: .quarantine)
    }
}

extension Root {
    /// Opens a regular file for reading; pipes, devices and links are refused without waiting for them.
    func openFile(_ path: BytePath) throws(GranaryError) -> (Descriptor, FileStatus) {
        try check(path)
        let (descriptor, status) = try reporting("open", path, on: .source) { () throws(Errno) in
            let descriptor = try directory.openForReading(path)
            return (descriptor, try descriptor.status())
        }
        guard status.kind == .file else { throw .notAFile(path, status.kind) }
        return (descriptor, status)
    }

    /// The file of one generation; `source.changed` when it is another one or gone.
    func openFile(_ path: BytePath, generation: String) throws(GranaryError) -> Descriptor {
        do throws(GranaryError) {
            let (descriptor, status) = try openFile(path)
            guard status.generation == generation else { throw .changed(path) }
            return descriptor
        } catch  where error.code == .notFound {
            try verify(on: .source)
            throw .changed(path)
        }
    }

    /// Throws `source.changed` when what was read is no longer the generation that was asked for.
    func confirm(_ descriptor: Descriptor, _ path: BytePath, generation: String) throws(GranaryError) {
        let status = try reporting("look at", path, on: .source) { () throws(Errno) in try descriptor.status() }
        guard status.generation == generation else { throw .changed(path) }
    }
}

extension GranaryError {
    static func notAFile(_ path: BytePath, _ kind: StoreEntry.Kind) -> GranaryError {
        GranaryError(
            .pathRefused, "'\(path)' is a \(kind.rawValue), not a file.", subject: path.description,
            remedy: "Have the provider send a regular file under that name.", disposition: .quarantine)
    }
}

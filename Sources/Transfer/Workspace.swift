// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import Synchronization
import SystemPackage

/// A file under its temporary name, open for writing.
struct TemporaryFile: Sendable {
    let token: StagingToken
    let target: BytePath
    let descriptor: Descriptor
}

/// The temporary space of a store, `.granary/tmp` below its root, as one batch uses it.
struct Workspace: Sendable {
    /// The first component that no listing shows and no target may begin with.
    static let reserved = ".granary"

    let directory: Descriptor
    /// What one system call should write of a large file, in bytes.
    let pieceSize: Int
    /// The flushes that had failed when the batch began, kept in the token of each copy that is not flushed by itself.
    let epoch: Int
    private let names: TemporaryNames

    /// Opens temporary space, making it on first use.
    init(in root: Root, names: TemporaryNames, epoch: Int) throws(GranaryError) {
        let path = BytePath(Self.reserved).appending("tmp")
        directory = try reporting("make temporary space", path, on: .store) { () throws(Errno) in
            try root.directory.makeDirectories(path, mode: 0o700)
            return try root.directory.openDirectory(path)
        }
        pieceSize = directory.pieceSize
        self.epoch = epoch
        self.names = names
    }

    func create(for target: BytePath) throws(GranaryError) -> TemporaryFile {
        let token = StagingToken(name: names.next(), epoch: epoch)
        let descriptor = try reporting("stage", target, on: .store) { () throws(Errno) in
            try directory.open(BytePath(token.name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        }
        return TemporaryFile(token: token, target: target, descriptor: descriptor)
    }

    /// A copy that is gone already is as good as removed; one that can't be is found by the next sweep.
    func remove(_ token: StagingToken) { try? directory.unlink(BytePath(token.name)) }
}

/// Names that no other process and no earlier one has given.
final class TemporaryNames: Sendable {
    private let prefix: String
    private let count = Atomic(0)

    init(_ randomness: any Randomness) { prefix = randomness.identifier() }

    func next() -> String { "\(prefix)-\(count.add(1, ordering: .relaxed).newValue)" }
}

extension Descriptor {
    /// Makes a directory and all its parents; those that exist already are left as they are.
    func makeDirectories(_ path: BytePath, mode: UInt32) throws(Errno) {
        var parent = BytePath("")
        for component in path.components where !path.bytes.isEmpty {
            let name = BytePath(component)
            do {
                try openPlace(parent).makeDirectory(name, mode: mode)
            } catch .fileExists {}
            parent = parent.appending(name)
        }
    }
}

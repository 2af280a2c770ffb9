// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// Walks a server's tree a page at a time, depth first, several directories and many files at once.
///
/// Directories are kept as spooled lines, so memory does not grow with what they hold. A directory deeper than
/// `Limits.directoryDepth` is not walked but shown as an entry. What vanishes while we look is not there.
actor RemoteWalk {
    private struct Level {
        let path: BytePath
        let spool: ListingSpool
        /// Directories among the lines read so far that are still to be walked.
        var directories: [BytePath] = []
    }

    private struct Candidate: Sendable {
        let path: BytePath
        let directory: BytePath
        let listed: ListedName
    }

    private let tree: RemoteTree
    private var levels: [Level]?
    private var waiting: [Candidate] = []

    init(_ tree: RemoteTree) { self.tree = tree }

    /// The next entries, nil at the end. Not empty.
    func nextPage() async throws -> [StoreEntry]? {
        if levels == nil { levels = try await open([""], isRoot: true) }
        while true {
            while waiting.count < Limits.listingPage, levels?.isEmpty == false { try await step() }
            guard !waiting.isEmpty else { return nil }
            let batch = Array(waiting.prefix(Limits.listingPage))
            waiting.removeFirst(batch.count)
            let page = try await inspect(batch)
            if !page.isEmpty { return page }
        }
    }

    private func step() async throws {
        guard var level = levels?.popLast() else { return }
        if !level.directories.isEmpty {
            let some = Array(level.directories.prefix(tree.files.place.access.connections))
            level.directories.removeFirst(some.count)
            levels?.append(level)
            levels? += try await open(some, isRoot: false)
            return
        }
        let lines = try level.spool.next(Limits.listingPage)
        guard !lines.isEmpty else { return }
        for listed in try lines.compactMap(tree.files.name) where !listed.isDots { sort(listed, into: &level) }
        levels?.append(level)
    }

    private func sort(_ listed: ListedName, into level: inout Level) {
        let path = listed.path(in: level.path)
        let isWalked = path.components.count < Limits.directoryDepth && !path.isUnsafe && tree.files.canSay(path)
        if listed.kind == .directory, isWalked {
            level.directories.append(path)
        } else {
            waiting.append(Candidate(path: path, directory: level.path, listed: listed))
        }
    }

    private func open(_ paths: [BytePath], isRoot: Bool) async throws -> [Level] {
        try await withThrowingTaskGroup(of: Level?.self) { [tree] group in
            for path in paths {
                group.addTask {
                    let spool = ListingSpool(tree.files.framing)
                    do {
                        try await tree.files.list(path, into: spool)
                    } catch let error as GranaryError where !isRoot && [.notFound, .denied].contains(error.code) {
                        // Ftp has one answer for a directory that is closed and for one that has gone meanwhile.
                        guard try await tree.entry(at: path)?.kind == .directory else { return nil }
                        throw error
                    }
                    try spool.finish()
                    return Level(path: path, spool: spool)
                }
            }
            return try await group.reduce(into: []) { levels, level in
                if let level { levels.append(level) }
            }
        }
    }

    private func inspect(_ batch: [Candidate]) async throws -> [StoreEntry] {
        try await withThrowingTaskGroup(of: StoreEntry?.self) { [tree] group in
            var next = 0
            var page: [StoreEntry] = []
            while next < batch.count {
                let candidate = batch[next]
                next += 1
                group.addTask { try await tree.inspect(candidate.listed, at: candidate.path) }
                if next > tree.files.place.access.connections, let entry = try await group.next() ?? nil {
                    page.append(entry)
                }
            }
            for try await entry in group { if let entry { page.append(entry) } }
            return page
        }
    }
}

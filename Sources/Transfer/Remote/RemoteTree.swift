// SPDX-License-Identifier: Apache-2.0

import GranaryCore

/// What sftp, ftp and http have in common as stores: files that are listed by text and looked at one by one.
struct RemoteTree: Sendable {
    let files: any RemoteFiles

    private var location: String { files.place.location }

    func entries() -> AsyncThrowingStream<[StoreEntry], any Error> {
        let walk = RemoteWalk(self)
        return AsyncThrowingStream { try await walk.nextPage() }
    }

    /// Looks into every directory on the way, because only a listing tells a link from what it leads to.
    func entry(at path: BytePath) async throws -> StoreEntry? {
        try check(path)
        var directory: BytePath = ""
        for component in path.components.dropLast() {
            guard let found = try await find(Array(component), in: directory) else { return nil }
            directory = directory.appending(BytePath(component))
            guard found.kind == .directory else { return nil }
        }
        guard let found = try await find(path.name.bytes, in: directory) else { return nil }
        return try await inspect(found, at: path)
    }

    private func find(_ name: [UInt8], in directory: BytePath) async throws -> ListedName? {
        let finder = NameFinder(name, files)
        do {
            try await files.list(directory, into: finder)
        } catch let error as GranaryError where error.code == .notFound && !directory.bytes.isEmpty {
            return nil
        }
        return try finder.finish()
    }

    /// What a line says, and where that is not enough, what the server says of the file itself. Nil when it has gone.
    func inspect(_ listed: ListedName, at path: BytePath) async throws -> StoreEntry? {
        let entry = listed.entry(in: path.directory)
        guard listed.kind == .file, listed.status == nil, !entry.path.isUnsafe, files.canSay(path) else { return entry }
        do {
            return try await files.look(at: path)?.entry(at: path)
        } catch let error as GranaryError where error.code == .denied {
            return entry
        }
    }

    func read(_ path: BytePath, limit: Int) async throws -> [UInt8] {
        try check(path)
        guard let status = try await files.look(at: path) else { throw GranaryError.missing(path, in: location) }
        guard status.size <= limit else { throw GranaryError.tooLarge(path, limit: limit) }
        // On a connection that was used before, libcurl takes an empty file for a connection that died.
        guard status.size > 0 else { return [] }
        let collector = BoundedCollector(path, limit: limit)
        try await files.fetch(path, from: 0, to: collector) { found in
            guard found == status else { throw GranaryError.changed(path) }
        }
        let bytes = collector.bytes
        guard try await files.look(at: path) == status, Int64(bytes.count) == status.size else {
            throw GranaryError.changed(path)
        }
        return bytes
    }

    func send(_ path: BytePath, generation: String, from offset: Int64, to sink: any ByteSink) async throws {
        try check(path)
        guard let wanted = RemoteStatus(generation: generation) else { throw GranaryError.changed(path) }
        if offset < wanted.size {
            let guarded = GuardedSink(sink, path, expecting: wanted.size - offset)
            do {
                try await files.fetch(path, from: offset, to: guarded) { status in
                    guard status == wanted else { throw GranaryError.changed(path) }
                }
            } catch let error as GranaryError where error.code == .notFound {
                // Ftp has one answer for a file that may not be read and for one that has gone.
                guard try await files.look(at: path) == wanted else { throw GranaryError.changed(path) }
                throw GranaryError.unreadable(path, location, because: error)
            }
            try guarded.finish()
        }
        guard try await files.look(at: path) == wanted else { throw GranaryError.changed(path) }
    }

    func remove(_ path: BytePath, generation: String) async throws -> Bool {
        guard let entry = try await entry(at: path) else { return false }
        guard entry.kind == .file else { throw GranaryError.notAFile(path, entry.kind) }
        guard entry.generation == generation else { return false }
        do {
            try await files.delete(path)
        } catch let error as GranaryError where error.code == .requestRefused {
            guard try await files.look(at: path) != nil else { return false }
            throw GranaryError.notRemoved(path, location, because: error)
        }
        return true
    }

    func check(_ path: BytePath) throws(GranaryError) {
        guard !path.isUnsafe else { throw .unsafePath(path, location) }
        guard files.canSay(path) else { throw .unsayable(path, location) }
    }
}

extension GranaryError {
    fileprivate static func unsafePath(_ path: BytePath, _ location: String) -> GranaryError {
        GranaryError(
            .pathRefused, "'\(path)' does not name a file below '\(location)'.", subject: path.description,
            remedy: "Use a relative path without '.', '..', empty parts or NUL.", disposition: .quarantine)
    }

    fileprivate static func missing(_ path: BytePath, in location: String) -> GranaryError {
        GranaryError(
            .notFound, "There is no '\(path)' in '\(location)'.", subject: path.description,
            remedy: "List the place to see what is there now.", disposition: .retry(after: nil))
    }

    fileprivate static func unsayable(_ path: BytePath, _ location: String) -> GranaryError {
        GranaryError(
            .pathRefused, "The protocol of '\(location)' cannot carry the name '\(path)'.", subject: path.description,
            remedy: "Have the provider rename it, without line breaks and control characters.",
            disposition: .quarantine)
    }

    fileprivate static func unreadable(
        _ path: BytePath, _ location: String, because cause: GranaryError
    ) -> GranaryError {
        GranaryError(
            .denied, "'\(path)' is there, but '\(location)' does not give it.", subject: path.description,
            remedy: "Allow the user to read it, then retry.", disposition: .quarantine, cause: cause)
    }

    fileprivate static func notRemoved(
        _ path: BytePath, _ location: String, because cause: GranaryError
    ) -> GranaryError {
        GranaryError(
            .denied, "'\(path)' could not be removed from '\(location)'.", subject: path.description,
            remedy: "Allow the user to remove files there, or tell the watcher to leave them.",
            disposition: .quarantine, cause: cause)
    }
}

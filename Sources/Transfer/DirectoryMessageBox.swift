// SPDX-License-Identifier: Apache-2.0

import Glibc
public import GranaryCore
import SystemPackage

/// A directory as a message box: one file for each message, which the reader deletes once it has it.
///
/// A message appears whole or not at all, as `<identifier>.json`. Files that can't be messages (too long, not readable,
/// not files) are moved to `refused/` in the box, with a `.reason.txt` beside them, and told to `refused`; they never
/// keep their neighbours waiting. The partner's own files are read under any name but a temporary one.
public struct DirectoryMessageBox: MessagePublisher, MessageReceiver {
    private let root: Root
    private let threads: TransferThreads
    private let names: TemporaryNames
    private let refused: @Sendable (GranaryError) -> Void

    /// Opens a directory that exists.
    ///
    /// - Parameter refused: told once for each file that was moved aside, and at each look for one that can't be moved.
    public init(
        directory: String, threads: TransferThreads = .flushes, randomness: any Randomness = SystemRandomness(),
        refused: @escaping @Sendable (GranaryError) -> Void
    ) throws(GranaryError) {
        root = try Root(directory)
        self.threads = threads
        names = TemporaryNames(randomness)
        self.refused = refused
    }

    /// Gives the file's name, once the message is durable under it. The same bytes again are a success; other bytes
    /// under the same identifier fail with `state.conflict`.
    public func publish(_ messages: [OutgoingMessage]) async -> [Result<String, any Error>] {
        var results: [Result<String, any Error>] = []
        for message in messages {
            let (root, names) = (root, names)
            do {
                let name = try await threads.run {
                    let letter = Letter(message, temporaryName: temporaryPrefix + names.next() + temporarySuffix)
                    try letter.put(into: root)
                    return "\(message.identifier).json"
                }
                results.append(.success(name))
            } catch {
                results.append(.failure(error))
            }
        }
        return results
    }

    /// The first complete messages in the order of their names. The key is the file's name.
    public func receive(limit: Int) async throws -> [ReceivedMessage] {
        let (root, refused) = (root, refused)
        return try await threads.run {
            try root.verify(on: .source)
            var messages: [ReceivedMessage] = []
            for name in try root.messageNames() where messages.count < limit {
                if let message = try root.message(name, refused: refused) { messages.append(message) }
            }
            return messages
        }
    }

    /// Deletes each file if it still is the one that was received; a newer one of that name is a message of its own.
    public func delete(_ messages: [ReceivedMessage]) async -> [Result<Void, any Error>] {
        let root = root
        let results = try? await threads.run {
            messages.map { message in
                Result<Void, any Error> { _ = try root.remove(BytePath(message.key), generation: message.receipt) }
            }
        }
        return results ?? []
    }

    /// Removes what an earlier process left half written in the box. For start-up, and for our own files only.
    public func sweep() async throws {
        let root = root
        try await threads.run {
            for name in try root.allNames() where name.isOurTemporaryName {
                try reporting("sweep", name, on: .store) { () throws(Errno) in try root.directory.unlink(name) }
            }
        }
    }
}

private let temporaryPrefix = ".granary-"
private let temporarySuffix = ".part"

extension BytePath {
    fileprivate var isOurTemporaryName: Bool {
        bytes.starts(with: temporaryPrefix.utf8) && hasSuffix(temporarySuffix)
    }
}

/// A message as a file to be.
private struct Letter {
    private let name: BytePath
    private let temporaryName: BytePath
    private let body: [UInt8]

    init(_ message: OutgoingMessage, temporaryName: String) {
        name = BytePath("\(message.identifier).json")
        self.temporaryName = BytePath(temporaryName)
        body = message.body
    }

    func put(into root: Root) throws {
        try check()
        try root.verify(on: .store)
        do {
            try write(into: root.directory)
            try rename(in: root)
        } catch {
            try? root.directory.unlink(temporaryName)
            throw error
        }
        try reporting("flush", BytePath(root.path), on: .store) { () throws(Errno) in try root.directory.flush() }
    }

    private func check() throws(GranaryError) {
        guard name.isUnsafe || name.components.count > 1 || name.isTemporaryName || name.bytes.count > 255 else {
            return
        }
        throw GranaryError(
            .pathRefused, "'\(name)' can't be the name of a message.", subject: name.description,
            remedy: "Use an identifier of letters, digits, '-' and '_', at most 250 bytes.", disposition: .quarantine)
    }

    private func write(into directory: Descriptor) throws(GranaryError) {
        try reporting("write", name, on: .store) { () throws(Errno) in
            let file = try directory.open(temporaryName, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
            try file.write(body)
            try file.flush()
        }
    }

    /// What has the name already is flushed by the caller too: the try that wrote it may have died before that.
    private func rename(in root: Root) throws {
        do throws(Errno) {
            try root.directory.rename(temporaryName, to: root.directory, name)
        } catch .fileExists {
            try reporting("remove", temporaryName, on: .store) { () throws(Errno) in
                try root.directory.unlink(temporaryName)
            }
            let (existing, status) = try root.openFile(name)
            guard status.size == body.count, try existing.readAll(name, limit: body.count) == body else {
                throw otherBytes
            }
        } catch {
            throw GranaryError.system(error, "publish", name.description, on: .store)
        }
    }

    private var otherBytes: GranaryError {
        GranaryError(
            .stateConflict, "Message '\(name)' lies in the box already with other bytes.", subject: name.description,
            remedy: "Give the new message an identifier of its own, or take the old one out of the box.")
    }
}

// SPDX-License-Identifier: Apache-2.0

public import GranaryCatalog
public import GranaryCore

/// How archived files become the inputs of a job.
public enum InputSource: Sendable {
    /// The archive lies on this machine: inputs are links to the paths that this names.
    case linked(@Sendable (FileRecord) -> String)
    /// The archive is elsewhere: inputs are copied from it, and compared with what the ledger says of them.
    case copied(from: any Store)
}

extension InputSource {
    /// Makes `input/<folder>/<name>` of an archived file and returns its path.
    func place(_ file: FileRecord, in directory: JobDirectory, folder: String, name: String) async throws -> String {
        switch self {
        case .linked(let locate): return try directory.link(locate(file), folder: folder, name: name)
        case .copied(let store):
            let path = try directory.inputPath(folder: folder, name: name)
            try await copy(file, from: store, to: path)
            return path
        }
    }

    /// A copy that is not the archived file, bit for bit, is no input: it is removed again.
    private func copy(_ file: FileRecord, from store: any Store, to path: String) async throws {
        guard let entry = try await store.entry(at: file.archivePath) else {
            throw fault(.notFound, "is not there", file, store)
        }
        let sink = try InputFile(path)
        do {
            try await store.send(file.archivePath, generation: entry.generation, to: sink)
            let found = try sink.finish()
            guard found.size == file.size, found.sha256 == file.sha256 else {
                throw fault(.checksumMismatch, "does not have the bytes that the ledger says", file, store)
            }
        } catch {
            sink.remove()
            throw error
        }
    }

    private func fault(_ code: GranaryError.Code, _ what: String, _ file: FileRecord, _ store: any Store)
        -> GranaryError
    {
        GranaryError(
            code, "The archived file \(file.archivePath) \(what), in \(store.location).",
            subject: file.name.description,
            remedy: "Restore it from a copy of the archive, then retry the job.")
    }
}

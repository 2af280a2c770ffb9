// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import GranaryCore
internal import SystemPackage

/// Where the output of one attempt goes.
struct OutputFiles: Sendable {
    let directory: String

    func open(_ name: String) throws -> CappedFile {
        do {
            return CappedFile(
                try FileDescriptor.open(
                    FilePath("\(directory)/\(name)"), .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow],
                    permissions: [.ownerReadWrite, .groupRead, .otherRead]))
        } catch {
            throw workFailure(error as? Errno, "open \(name) in", directory)
        }
    }
}

/// A file that takes any amount of output and keeps its beginning and its end, with a line that says what is missing.
struct CappedFile: Sendable {
    private let file: FileDescriptor
    private let limit: Int
    private var written = 0
    private var total = 0
    /// The latest bytes beyond the limit.
    private var tail: [UInt8] = []

    init(_ file: FileDescriptor, limit: Int = Limits.jobOutput) {
        self.file = file
        self.limit = limit
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        total += bytes.count
        let kept = min(limit - written, bytes.count)
        try file.writeAll(UnsafeRawBufferPointer(rebasing: bytes[..<kept]))
        written += kept
        guard kept < bytes.count else { return }
        tail += bytes[kept...].suffix(Limits.storedText)
        tail.removeFirst(max(0, tail.count - Limits.storedText))
    }

    /// Writes what the file must say at its end.
    mutating func finish() throws {
        guard total > written else { return }
        let left = total - written - tail.count
        try file.writeAll("\n[granary: cut here; \(left) of \(total) bytes are not kept]\n".utf8)
        try file.writeAll(tail)
    }

    func close() { try? file.close() }
}

/// A fault of the work directory's file system, in words.
func workFailure(_ error: Errno?, _ what: String, _ path: String) -> GranaryError {
    let isFull = error == .noSpace || error == .diskQuotaExceeded
    return GranaryError(
        isFull ? .storeFull : .storeFailed, "Could not \(what) \(path): \(error.map { "\($0)" } ?? "unknown fault").",
        subject: path, remedy: "Check the disk that holds the work directories, then retry the job.",
        disposition: .retry(after: nil), cause: error)
}

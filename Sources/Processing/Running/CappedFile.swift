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
                    FilePath("\(directory)/\(name)"), .writeOnly,
                    options: [.create, .truncate, .closeOnExec, .noFollow],
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
    private var fault: Errno?

    init(_ file: FileDescriptor, limit: Int = Limits.jobOutput) {
        self.file = file
        self.limit = limit
    }

    /// Takes the bytes also when they cannot be written: a command must not hang on an output that nobody reads.
    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        total += bytes.count
        let kept = min(limit - written, bytes.count)
        append(UnsafeRawBufferPointer(rebasing: bytes[..<kept]))
        written += kept
        guard kept < bytes.count else { return }
        keepEnd(UnsafeRawBufferPointer(rebasing: bytes[kept...].suffix(Limits.storedText)))
    }

    /// Moves memory as a whole, never a byte at a time: a command may write gigabytes that nobody keeps, and waits
    /// for each of them to be taken.
    private mutating func keepEnd(_ bytes: UnsafeRawBufferPointer) {
        tail.removeFirst(max(0, tail.count + bytes.count - Limits.storedText))
        tail.append(contentsOf: bytes)
    }

    /// Writes what the file must say at its end. Throws when any of it could not be written.
    mutating func finish() throws {
        if total > written {
            let left = total - written - tail.count
            append("\n[granary: cut here; \(left) of \(total) bytes are not kept]\n".utf8)
            append(tail)
        }
        if let fault { throw workFailure(fault, "keep the output of the command in", "its work directory") }
    }

    private mutating func append(_ bytes: some Sequence<UInt8>) {
        guard fault == nil else { return }
        do { try file.writeAll(bytes) } catch { fault = error as? Errno ?? .ioError }
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

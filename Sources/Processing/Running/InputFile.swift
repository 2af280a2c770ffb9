// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import GranaryCore
internal import Synchronization
internal import SystemPackage

/// An input file while it is written, with the digest of what was written.
final class InputFile: ByteSink {
    private let path: String
    private let state: Mutex<State>

    private struct State {
        var file: FileDescriptor?
        var size: Int64 = 0
        var digest = RunningChecksum(.sha256)
    }

    init(_ path: String) throws {
        self.path = path
        do {
            let file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: [.ownerRead, .groupRead, .otherRead])
            state = Mutex(State(file: file))
        } catch {
            throw workFailure(error as? Errno, "create", path)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        do {
            try state.withLock { state in
                try state.file?.writeAll(bytes)
                state.digest.update(bytes)
                state.size += Int64(bytes.count)
            }
        } catch {
            throw workFailure(error as? Errno, "write", path)
        }
    }

    /// Closes it and says what was written.
    func finish() throws -> (size: Int64, sha256: Checksum) {
        do {
            return try state.withLock { state in
                try state.file?.close()
                state.file = nil
                return (state.size, state.digest.finish())
            }
        } catch {
            throw workFailure(error as? Errno, "close", path)
        }
    }

    func remove() {
        state.withLock { state in
            try? state.file?.close()
            state.file = nil
        }
        _ = path.withCString(unlink)
    }
}

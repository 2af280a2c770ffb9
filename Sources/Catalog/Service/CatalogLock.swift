// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import GranaryCore
internal import Synchronization

/// One process owns a site's home: SQLite 3.40 can damage a catalog that two processes write and checkpoint.
///
/// The kernel holds the lock and drops it when the process ends, however it ends; the process's number in the file is
/// only there to be read by people. Children do not inherit it.
public final class CatalogLock: Sendable {
    /// The file that is locked, in the home.
    public static let fileName = "granary.lock"

    private let descriptor: Mutex<Int32?>

    /// Takes the home, or throws `home.locked` naming the process that has it.
    public init(home: String) throws {
        let path = "\(home)/\(Self.fileName)"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw cannotLock(path) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            defer { close(file) }
            throw errno == EWOULDBLOCK ? held(home, by: processNumber(in: file)) : cannotLock(path)
        }
        descriptor = Mutex(file)
        // What cannot be written here costs the next one the name of the holder, no more.
        _ = rewrite(file, with: "\(getpid())\n")
    }

    /// Gives the home back. Doing it twice does no harm.
    public func release() {
        descriptor.withLock { file in
            guard let open = file else { return }
            _ = rewrite(open, with: "")
            close(open)
            file = nil
        }
    }

    deinit { release() }
}

private func rewrite(_ file: Int32, with text: String) -> Bool {
    ftruncate(file, 0) == 0 && pwrite(file, text, text.utf8.count, 0) == text.utf8.count
}

private func processNumber(in file: Int32) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = pread(file, &bytes, bytes.count, 0)
    return Int32(String(decoding: bytes.prefix(max(count, 0)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
}

private func held(_ home: String, by process: Int32?) -> GranaryError {
    GranaryError(
        .locked, "\(home) is in use by \(process.map { "process \($0)" } ?? "another process").", subject: home,
        remedy: "Let the running service do it (commands that change something ask it by themselves), or end it first.")
}

private func cannotLock(_ path: String) -> GranaryError {
    GranaryError(
        .denied, "The lock file \(path) cannot be taken: \(String(cString: strerror(errno))).", subject: path,
        remedy: "Check that the home is there, writable for this user, and on a file system that has locks.")
}

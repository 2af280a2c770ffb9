// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import NIOCore

/// What the service does with its socket: made in the cradle, published with one rename, withdrawn at the end.
extension ControlSocket {
    /// The file as the kernel knows it, so that one service never removes the socket of another.
    struct Identity: Sendable, Equatable {
        let device: dev_t
        let file: ino_t
    }

    /// Nothing stands at the path, or only what a dead service left.
    func requireFree() async throws {
        guard let found = status(of: path) else { return }
        guard found.st_mode & S_IFMT == S_IFSOCK else { throw notSocket }
        guard try await !isAnswered() else { throw answeredByAnother }
    }

    /// Makes the folder that only this user may enter; one that a crash left is used again.
    func makeCradle() throws {
        guard mkdir(cradle, 0o700) == 0 || errno == EEXIST, chmod(cradle, 0o700) == 0 else {
            throw cannotPublish("make the folder \(cradle)")
        }
    }

    /// Moves the listening socket out of the cradle: whoever finds it may connect at once, and a stale one is replaced.
    func publish() throws -> Identity {
        let newborn = "\(cradle)/\(Self.file)"
        guard chmod(newborn, 0o600) == 0 else { throw cannotPublish("close \(newborn) to others") }
        guard let identity = identity(of: newborn), rename(newborn, path) == 0 else {
            throw cannotPublish("move \(newborn) to \(path)")
        }
        rmdir(cradle)
        return identity
    }

    /// Removes what `makeCradle` and `publish` made, and nothing that has taken its place since.
    func withdraw(_ published: Identity?) {
        unlink("\(cradle)/\(Self.file)")
        rmdir(cradle)
        if let published, identity(of: path) == published { unlink(path) }
    }

    private func identity(of path: String) -> Identity? {
        status(of: path).map { Identity(device: $0.st_dev, file: $0.st_ino) }
    }

    private func status(of path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    /// Without a cause, it is what the last system call said.
    func cannotPublish(_ step: String, because cause: IOError? = nil) -> GranaryError {
        GranaryError(
            .denied, "The service cannot open its control socket \(path): it failed to \(step).", subject: path,
            remedy: "Check that the home is there, writable for this user, on a local file system, and has room.",
            cause: cause ?? IOError(errnoCode: errno, reason: step))
    }

    private var notSocket: GranaryError {
        GranaryError(
            .pathRefused, "\(path) is in the way of the control socket: it is not a socket.", subject: path,
            remedy: "Move it elsewhere; the service keeps that name for itself.")
    }

    private var answeredByAnother: GranaryError {
        GranaryError(
            .locked, "Another service answers on \(path).", subject: home,
            remedy: "Let that one do the work, or stop it before starting this one.")
    }
}

// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import NIOCore
import NIOPosix

/// The unix socket in a site's home on which its service answers. Only the service's own user may open it.
struct ControlSocket: Sendable {
    static let file = "granary.sock"

    let home: String

    var path: String { "\(home)/\(Self.file)" }

    /// Where the socket is made before it is moved to `path`. The kernel gives a new socket the mode that the umask
    /// leaves, and the umask belongs to the whole process; so it is made where nobody else can reach it.
    var cradle: String { "\(home)/.control" }

    /// Whether a process listens. A socket that a dead service left behind is not answered.
    func isAnswered() async throws -> Bool {
        do {
            let name = try SocketName(Self.file, in: home)
            defer { name.close() }
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(unixDomainSocketPath: name.text).get()
            try? await channel.close()  // the service may have closed it first
            return true
        } catch let error as IOError {
            return try isAnswered(despite: error)
        }
    }

    private func isAnswered(despite error: IOError) throws -> Bool {
        switch error.errnoCode {
        case ENOENT, ENOTDIR, ECONNREFUSED: return false
        case EAGAIN: return true  // somebody listens whose queue is full
        default: throw unreachable(because: error)
        }
    }

    /// The fault of a connection, as an operator can act on it.
    func unreachable(because error: any Error) -> GranaryError {
        switch (error as? IOError)?.errnoCode {
        case ENOENT, ENOTDIR, ECONNREFUSED: notRunning
        case EACCES, EPERM: denied
        default: interrupted(error)
        }
    }

    private var notRunning: GranaryError {
        GranaryError(
            .serviceAbsent, "No service runs in \(home).", subject: home,
            remedy: "Start it with `granary serve`, or name the home of the one that runs.")
    }

    private var denied: GranaryError {
        GranaryError(
            .denied, "The control socket \(path) is closed to this user.", subject: path,
            remedy: "Run the command as the user that the service runs as.")
    }

    private func interrupted(_ error: any Error) -> GranaryError {
        GranaryError(
            .serviceUnreachable, "The service in \(home) broke off the conversation.", subject: home,
            remedy: "Look at `granary status` and the service's log before asking again: the act may have been done.",
            disposition: .retry(after: nil), cause: error)
    }
}

extension GranaryError.Code {
    static let serviceAbsent: Self = "service.absent"
    static let serviceUnreachable: Self = "service.unreachable"
    static let serviceFailed: Self = "service.failed"
    static let methodRefused: Self = "method.refused"
}

// SPDX-License-Identifier: Apache-2.0

package import GranaryCatalog
package import GranaryCore
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// Answers commands and monitors on the unix socket of a site's home, `granary.sock`, which only its own user may open.
///
/// | request | answer |
/// |---|---|
/// | `GET /healthz` | 200 while the process lives |
/// | `GET /readyz` | every check by name; 503 when one does not pass |
/// | `GET /status` | the status summary |
/// | `POST /acts` | performs an `OperatorAct` and tells what became of each subject |
///
/// A graceful shutdown takes no more clients, answers those it has, and removes the socket. A socket that a dead
/// service left is replaced; one that is answered is left alone, and `run()` throws `.locked`.
package struct ControlServer: Service {
    private let socket: ControlSocket
    private let routes: ControlRoutes
    private let logger: Logger
    private let silence: Duration
    private let onListening: @Sendable () async -> Void

    /// `silence` is how long a client may say nothing before or within its request. `onListening` is called once, when the
    /// socket can be found and connected to.
    package init(
        home: String, performer: any ActPerformer, checks: [ReadinessCheck],
        status: @escaping @Sendable () async throws -> JSONValue, logger: Logger,
        silence: Duration = ControlLimits.silence, onListening: @escaping @Sendable () async -> Void = {}
    ) {
        socket = ControlSocket(home: home)
        routes = ControlRoutes(performer: performer, checks: checks, status: status)
        self.logger = logger
        self.silence = silence
        self.onListening = onListening
    }

    package func run() async throws {
        try await socket.requireFree()
        let publication = Publication(socket)
        defer { publication.withdraw() }
        do {
            try socket.makeCradle()
            let name = try SocketName(ControlSocket.file, in: socket.cradle)
            defer { name.close() }
            try await application(boundTo: name.text, publication).run()
        } catch let error as IOError {
            throw socket.cannotPublish("listen", because: error)
        } catch {
            throw publication.fault ?? error
        }
    }

    private func application(boundTo path: String, _ publication: Publication) -> some ApplicationProtocol {
        Application(
            responder: routes.table, server: .http1(configuration: .control(silence: silence)),
            configuration: .init(
                address: .unixDomainSocket(path: path),
                availableConnectionsDelegate: MaximumAvailableConnections(ControlLimits.connections, logger: logger)),
            onServerRunning: { await published(publication, listener: $0) }, logger: quietLogger)
    }

    private func published(_ publication: Publication, listener: any Channel) async {
        guard publication.publish() else {
            try? await listener.close()  // ends `run()`, which tells the fault
            return
        }
        logger.notice("Listening", metadata: ["socket": "\(socket.path)"])
        await onListening()
    }

    /// Hummingbird would announce the name in the cradle, which is gone a moment later.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .notice)
        return quiet
    }
}

extension HTTP1Channel.Configuration {
    fileprivate static func control(silence: Duration) -> Self {
        .init(
            idleTimeout: TimeAmount(silence),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: ControlLimits.headerBytes, maxHeaderListSize: ControlLimits.headerBytes,
                maxHeaderFieldCount: ControlLimits.headerFields))
    }
}

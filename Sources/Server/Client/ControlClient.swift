// SPDX-License-Identifier: Apache-2.0

package import GranaryCatalog
package import GranaryCore

/// Asks the service that runs in a home, for the commands.
///
/// What the service refuses is thrown as the `GranaryError` that it threw there. Without a service, `status` and
/// `perform` throw `service.absent`; one that breaks off or stays silent is `service.unreachable`, and an act may then
/// have been done.
package struct ControlClient: Sendable {
    private let socket: ControlSocket
    private let patience: Duration
    private let actPatience: Duration

    /// `patience` bounds a question, `actPatience` an act, which may have to read and copy large files.
    package init(home: String, patience: Duration = .seconds(10), actPatience: Duration = .seconds(3600)) {
        socket = ControlSocket(home: home)
        self.patience = patience
        self.actPatience = actPatience
    }

    /// Whether a service listens in the home, healthy or not.
    package func isRunning() async throws -> Bool { try await socket.isAnswered() }

    /// The status summary, as `GET /status` answers it.
    package func status() async throws -> JSONValue {
        try await ask(.init("GET", "/status"), patience: patience)
    }

    /// Has the service perform the act.
    package func perform(_ act: OperatorAct) async throws -> ActOutcome {
        try ActOutcome(json: try await ask(.init("POST", "/acts", body: act.json.bytes()), patience: actPatience))
    }

    private func ask(_ request: HTTPExchange.Request, patience: Duration) async throws -> JSONValue {
        let answer = try await HTTPExchange(socket: socket).send(request, patience: patience)
        let json = try? JSONValue(parsing: answer.body)
        if answer.status == 200, let json { return json }
        throw json.flatMap(GranaryError.init(problem:)) ?? strange(answer)
    }

    private func strange(_ answer: HTTPExchange.Answer) -> GranaryError {
        GranaryError(
            .serviceUnreachable, "The service in \(socket.home) gave a strange answer (HTTP \(answer.status)).",
            subject: socket.home, remedy: "Check that the service and this command are of the same version.")
    }
}

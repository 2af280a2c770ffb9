// SPDX-License-Identifier: Apache-2.0

import GranaryCatalog
import GranaryCore
import Hummingbird
import NIOCore

/// What the service answers on its control socket.
struct ControlRoutes: Sendable {
    let performer: any ActPerformer
    let checks: [ReadinessCheck]
    let status: @Sendable () async throws -> JSONValue

    var table: RouteTable {
        RouteTable(routes: [
            .init(.get, "/healthz") { _ in Response(json: ["alive": true]) },
            .init(.get, "/readyz") { _ in await readiness() },
            .init(.get, "/status") { _ in Response(json: try await status()) },
            .init(.post, "/acts") { try await perform($0) },
        ])
    }

    /// All checks are asked, in their order, so that one answer names every fault.
    private func readiness() async -> Response {
        var findings: [ReadinessCheck.Finding] = []
        for check in checks { findings.append(await check.ask()) }
        let ready = findings.allSatisfy { $0.fault == nil }
        return Response(
            json: ["ready": .boolean(ready), "checks": .array(findings.map(\.json))],
            status: ready ? .ok : .serviceUnavailable)
    }

    /// The act goes on when the client hangs up: half an act would help nobody.
    private func perform(_ request: Request) async throws -> Response {
        let act = try OperatorAct(json: try await body(of: request))
        return Response(json: try await performer.perform(act).json)
    }

    private func body(of request: Request) async throws -> JSONValue {
        do {
            let bytes = try await request.body.collect(upTo: ControlLimits.bodyBytes)
            return try JSONValue(
                parsing: bytes.readableBytesView,
                limits: JSONLimits(bytes: ControlLimits.bodyBytes, depth: ControlLimits.bodyDepth))
        } catch is NIOTooManyBytesError {
            throw GranaryError(
                .limitReached, "The request is larger than \(ControlLimits.bodyBytes) bytes.",
                remedy: "Ask for it in several acts with fewer subjects each.")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore
import Synchronization

/// What the threads of all connections share.
final class ServerCore: Sendable {
    let world = Mutex(World())
    let requests = Mutex(0)
    private let keys: AccessKeys
    private let region: String
    private let faults: FaultScript
    private let journal: Journal

    init(keys: AccessKeys, region: String, faults: FaultScript, journal: Journal) {
        (self.keys, self.region, self.faults, self.journal) = (keys, region, faults, journal)
    }

    /// Answers one request after the other until the connection ends.
    func serve(_ wire: Wire) {
        while let request = Request.read(from: wire) {
            requests.withLock { $0 += 1 }
            let route = Route(request)
            let found = faults.visit(route.operation(request), route.subject, request)
            guard exchange(request, route, found, wire), request.keepsAlive else { break }
        }
        wire.finish()
    }

    /// One request and its answer. False when the connection shall end.
    private func exchange(_ request: Request, _ route: Route, _ faults: [Fault], _ wire: Wire) -> Bool {
        if faults.refuses {
            wire.resetOnClose()
            return false
        }
        var reply = faults.replyWithoutEffect(route) ?? carryOut(request, route, faults)
        if let after = faults.replyAfterEffect(route) { reply = after }
        if faults.dropsReply { return false }
        faults.wait()
        reply.tellsLengthOnly = request.method == "HEAD"
        faults.spoil(&reply)
        return Delivery(reply, faults, keepsAlive: request.keepsAlive, date: Moments.http(now)).send(to: wire)
    }

    private func carryOut(_ request: Request, _ route: Route, _ faults: [Fault]) -> Reply {
        do {
            try prove(request, route)
            waitForMessages(route)
            var request = request
            if faults.ignoresRange { request.headers.removeAll { $0.name == "range" } }
            var effects: [Effect] = []
            let ask = World.Ask(request: request, faults: faults, now: now)
            let answer = world.withLock { world in
                Result { () throws(Refusal) in try world.answer(route, ask, &effects) }
            }
            let reply = try answer.get()
            journal.note(effects)
            return reply
        } catch {
            return route.reply(error)
        }
    }

    /// A long poll, cut short: nothing here takes seconds to come.
    private func waitForMessages(_ route: Route) {
        for _ in 0..<20 where !world.withLock({ $0.hasWhatIsPolled(route) }) { usleep(10_000) }
    }

    private func prove(_ request: Request, _ route: Route) throws(Refusal) {
        guard let service = route.service, world.withLock({ $0.requiresSignature }) else { return }
        guard let signature = try Signature(of: request) else {
            throw Refusal(403, service == "s3" ? "AccessDenied" : "MissingAuthenticationToken", "Access Denied")
        }
        guard signature.service == service else {
            throw Refusal(
                400, "AuthorizationHeaderMalformed",
                "the service '\(signature.service)' is wrong; expecting '\(service)'")
        }
        try signature.verify(keys, region: region, now: now)
    }

    /// The server's time of day.
    private var now: Timestamp { SystemClock().now() + world.withLock { $0.skew } }
}
